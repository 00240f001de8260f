import { sendRequest } from './request.ts';

/**
 * Posts a body, as {@link sendRequest} does.
 * @returns the status of the answer
 * @throws where there is none: refused, cut off, aborted
 */
export async function post(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<number> {
  const { status } = await sendRequest(url, { method: 'POST', body, headers }, signal);
  return status;
}
