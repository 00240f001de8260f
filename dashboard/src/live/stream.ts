import type { LiveMessage } from '../../../src/service/contract/live.ts';

/** What is used of the browser's `EventSource`. */
export interface Source {
  onopen: ((event: never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
  addEventListener(name: string, listener: (message: { data: string }) => void): void;
  close(): void;
}

export type Connection = 'connecting' | 'live' | 'lost';

const NAMES = Object.keys({
  score: true,
  camera: true,
  'camera removed': true,
  event: true,
  'event removed': true,
  notices: true,
  profile: true,
} satisfies Record<LiveMessage['name'], true>);

/** Milliseconds to wait before the nth try: grows to half a minute, jittered so that pages don't come at once. */
export const retryAfter = (tries: number, random = Math.random()): number =>
  Math.min(30_000, 500 * 2 ** tries) * (0.5 + random / 2);

/**
 * The messages of `GET /api/stream`. An `EventSource` gives up for good where the service answers
 * with an error, as a restarting one behind a proxy does; this one tries again for ever.
 */
export class LiveStream {
  readonly #open: () => Source;
  readonly #onMessage: (message: LiveMessage) => void;
  readonly #onConnection: (connection: Connection, retryIn: number) => void;
  #source: Source | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;

  constructor(
    open: () => Source,
    onMessage: (message: LiveMessage) => void,
    /** `retryIn` in milliseconds, where it is lost. */
    onConnection: (connection: Connection, retryIn: number) => void,
  ) {
    this.#open = open;
    this.#onMessage = onMessage;
    this.#onConnection = onConnection;
  }

  start(): void {
    this.stop();
    const source = (this.#source = this.#open());
    source.onopen = () => {
      this.#tries = 0;
      this.#onConnection('live', 0);
    };
    source.onerror = () => {
      if (source !== this.#source) return;
      this.stop();
      const wait = retryAfter(this.#tries++);
      this.#timer = setTimeout(() => this.start(), wait);
      this.#onConnection('lost', wait);
    };
    for (const name of NAMES) {
      source.addEventListener(name, ({ data }) => {
        this.#onMessage({ name, data: JSON.parse(data) } as LiveMessage);
      });
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
  }
}
