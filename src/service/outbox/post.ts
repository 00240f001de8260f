import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** Of an answer's body no more is read than this, in bytes. */
const enough = 4096;

/**
 * Posts a body. Redirects are not followed, and of the answer's body at most a few kB are read, until
 * the signal aborts.
 * @returns the status of the answer
 * @throws where there is none: refused, cut off, aborted
 */
export function post(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<number> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const call = request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      agent: false,
      signal,
    });
    call.on('response', (response) => {
      let read = 0;
      response.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read > enough) response.destroy();
      });
      // It has answered; how its body ends changes nothing.
      response.on('error', () => undefined).on('close', () => resolve(response.statusCode!));
    });
    call.on('error', reject);
    call.end(body);
  });
}
