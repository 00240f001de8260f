import { type HttpAnswer, type HttpRequest, sendRequest } from '../outbox/request.ts';
import { NotTaken } from './notification.ts';

/** Answers that are about this message, so that the next may do better. */
const ofTheMessage = [400, 413, 415, 422];

/**
 * Sends a request and takes an answer of 2xx alone.
 * @param words what an answer's body says of the reason; its start by default
 * @throws NotTaken
 */
export async function sendTaken(
  url: string,
  request: HttpRequest,
  signal: AbortSignal,
  words: (text: string) => string = startOf,
): Promise<HttpAnswer> {
  let answer: HttpAnswer;
  try {
    answer = await sendRequest(url, request, signal);
  } catch (error) {
    const { name, code, message } = error as NodeJS.ErrnoException;
    const late = name === 'AbortError' || name === 'TimeoutError';
    throw new NotTaken(
      late ? 'gave no answer in time' : `could not be reached (${code ?? message})`,
      false,
    );
  }
  const { status, text } = answer;
  if (status >= 200 && status < 300) return answer;
  throw new NotTaken(
    `answered ${status}: ${words(text)}`.replace(/: $/, ''),
    ofTheMessage.includes(status),
  );
}

export const startOf = (text: string): string => text.replaceAll(/\s+/g, ' ').trim().slice(0, 200);
