import { setTimeout as sleep } from 'node:timers/promises';
import { frameClock } from '../clock.ts';

/** Seconds of a gap in the time stamps that are waited for; a longer one is passed over. */
const longestWait = 10;

/** Waits until a picture's time has come, and never hurries to make up for a delay. */
export class Pace {
  readonly #fps: number;
  #clock: ReturnType<typeof frameClock>;
  /** When second 0 of the clock was, by `performance.now()`. */
  #origin: number | undefined;
  #last = 0;

  constructor(fps: number) {
    this.#fps = fps;
    this.#clock = frameClock(fps, longestWait);
  }

  /** Time stamps begin again: the next picture follows the last at the usual distance. */
  restart(): void {
    this.#clock = frameClock(this.#fps, longestWait);
    // Without one there was not one picture before.
    if (this.#origin !== undefined) this.#origin += this.#last + 1000 / this.#fps;
  }

  async wait(seconds: number | undefined): Promise<void> {
    const time = 1000 * this.#clock(seconds).time;
    const now = performance.now();
    this.#origin ??= now - time;
    const early = this.#origin + time - now;
    if (early > 0) await sleep(early);
    // A delay longer than a hiccup moves everything after it.
    else if (early < -500) this.#origin -= early;
    this.#last = time;
  }
}
