import type { IncomingMessage } from 'node:http';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, reasonOf } from './http-answer.ts';
import { JpegFinder } from './jpeg-finder.ts';
import { StreamLost } from './stream.ts';

/** Milliseconds for which the same bytes again are the same picture, of a camera that is slower than it is asked. */
const sameFor = 1000;

/** JPEG pictures of a camera, one after another. */
export interface JpegSource {
  /** @returns undefined at the end @throws StreamLost where the connection broke */
  next(): Promise<Buffer | undefined>;
}

/** The pictures of one endless answer; of several that are there at once the newest. */
export class JpegParts implements JpegSource {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #finder = new JpegFinder();

  constructor(answer: IncomingMessage) {
    this.#chunks = answer[Symbol.asyncIterator]();
  }

  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const chunk = await this.#chunks.next().catch((error: NodeJS.ErrnoException) => {
        throw new StreamLost(reasonOf(error));
      });
      if (chunk.done) return undefined;
      const newest = this.#finder.push(chunk.value).at(-1);
      if (newest) return newest;
    }
  }
}

/** The pictures of an address that gives one an answer, asked for again and again. */
export class JpegPolling implements JpegSource {
  readonly #url: string;
  readonly #period: number;
  readonly #signal: AbortSignal;
  readonly #agents = {
    http: new HttpAgent({ keepAlive: true, maxSockets: 1 }),
    https: new HttpsAgent({ keepAlive: true, maxSockets: 1 }),
  };
  #first: IncomingMessage | undefined;
  #due = 0;
  #last: { readonly jpeg: Buffer; readonly at: number } | undefined;
  #fault: StreamLost | undefined;

  /** @param perSecond pictures that are asked for a second @param first an answer that is there */
  constructor(url: string, perSecond: number, first: IncomingMessage, signal: AbortSignal) {
    this.#url = url;
    this.#period = 1000 / perSecond;
    this.#first = first;
    this.#signal = signal;
    signal.addEventListener('abort', () => this.close(), { once: true });
  }

  /** Why the last question had no answer, if it had none: the camera may be busy for a moment. */
  get fault(): StreamLost | undefined {
    return this.#fault;
  }

  async next(): Promise<Buffer> {
    for (;;) {
      await sleep(Math.max(0, this.#due - performance.now()), undefined, { signal: this.#signal });
      const now = performance.now();
      this.#due = Math.max(this.#due, now - this.#period) + this.#period;
      const jpeg = await this.#ask();
      const same = jpeg && this.#last && jpeg.equals(this.#last.jpeg);
      if (!jpeg || (same && now - this.#last!.at < sameFor)) continue;
      this.#last = { jpeg, at: now };
      return jpeg;
    }
  }

  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  async #ask(): Promise<Buffer | undefined> {
    try {
      const answer =
        this.#first ?? (await ask(this.#url, { signal: this.#signal, agents: this.#agents }));
      this.#first = undefined;
      const finder = new JpegFinder();
      let found: Buffer | undefined;
      for await (const chunk of answer) found ??= finder.push(chunk as Buffer)[0];
      this.#fault = found ? undefined : new StreamLost('answers without a whole picture');
      return found;
    } catch (error) {
      if (this.#signal.aborted) throw error;
      this.#first = undefined;
      this.#fault =
        error instanceof StreamLost
          ? error
          : new StreamLost(reasonOf(error as NodeJS.ErrnoException));
      return undefined;
    }
  }
}
