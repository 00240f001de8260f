import { Backoff } from '../../backoff.ts';

/** The longest wait, by how many first ones it is. */
const LONGEST = 20;

/** Starts a supervised process again that was given up, after growing waits, indefinitely. */
export class Revival {
  readonly #waits: Backoff;
  readonly #start: () => void;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** @param first milliseconds of the first wait */
  constructor(first: number, start: () => void) {
    this.#waits = new Backoff(first, LONGEST * first);
    this.#start = start;
  }

  /** It was given up. @returns milliseconds until it is started again */
  begin(): number {
    const wait = this.#waits.next();
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(this.#start, wait);
    return wait;
  }

  /** It runs well: the next wait is a short one again. */
  reset(): void {
    this.#waits.reset();
  }

  /** Its owner starts it: nothing is to be waited for. */
  cancel(): void {
    clearTimeout(this.#timer);
  }

  /** Its owner ends it for good. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}
