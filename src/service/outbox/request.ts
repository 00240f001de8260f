import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** Of an answer's body no more is read than this, in bytes. */
const enough = 4096;

export interface HttpRequest {
  readonly method: 'POST' | 'PUT';
  readonly body: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export interface HttpAnswer {
  readonly status: number;
  /** Its first kilobytes. */
  readonly text: string;
}

/**
 * Sends a body. Redirects are not followed, and of the answer's body at most a few kB are read, until
 * the signal aborts.
 * @throws where there is no answer: refused, cut off, aborted
 */
export function sendRequest(
  url: string,
  { method, body, headers }: HttpRequest,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const call = request(url, {
      method,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      agent: false,
      signal,
    });
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      let read = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        read += chunk.length;
        if (read > enough) response.destroy();
      });
      // It has answered; how its body ends changes nothing.
      response
        .on('error', () => undefined)
        .on('close', () =>
          resolve({
            status: response.statusCode!,
            text: Buffer.concat(chunks).toString('utf8', 0, enough),
          }),
        );
    });
    call.on('error', reject);
    call.end(body);
  });
}
