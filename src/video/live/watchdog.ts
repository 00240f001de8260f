import { StreamLost, StreamStuck } from './stream.ts';

/** Milliseconds that a read has to obey an interrupt. */
const obedience = 1500;

/** Ends reads that take too long. */
export class Watchdog {
  readonly #patience: number;
  readonly #interrupt: () => void;
  #since = performance.now();
  stuck = false;

  /** @param patience milliseconds since the last {@link reset} */
  constructor(patience: number, interrupt: () => void) {
    this.#patience = patience;
    this.#interrupt = interrupt;
  }

  /** Something came: patience begins again. */
  reset(): void {
    this.#since = performance.now();
  }

  /** @throws StreamLost where patience ends before the work does */
  async over<Result>(work: Promise<Result>): Promise<Result> {
    // Work that is always done soon could put the timer off without end.
    let late = performance.now() - this.#since > this.#patience;
    let timer: NodeJS.Timeout | undefined;
    const given = new Promise<never>((_, reject) => {
      const ended = () => {
        late = true;
        this.#interrupt();
        timer = setTimeout(() => {
          this.stuck = true;
          reject(new StreamStuck(noPicture(this.#patience)));
        }, obedience);
      };
      timer = setTimeout(ended, Math.max(0, this.#since + this.#patience - performance.now()));
    });
    try {
      const result = await Promise.race([work, given]);
      if (late) throw new StreamLost(noPicture(this.#patience));
      return result;
    } catch (error) {
      // What was interrupted fails in its own words.
      if (late && !this.stuck) throw new StreamLost(noPicture(this.#patience));
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

export const noPicture = (patience: number): string =>
  `no picture for ${Math.round(patience / 1000)} s`;
