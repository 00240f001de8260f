/** Share of the frames below which a worker counts as one that cannot score more. */
const ENOUGH = 0.8;

/** How quickly the figure follows what is seen: down, and up again, at each look. */
const DOWN = 0.3;
const UP = 0.1;

/** How many frames a second a worker can score: as measured at its start, until it shows that it cannot. */
export class Capacity {
  readonly #measured: number;
  #now: number;

  /** @param measured frames a second */
  constructor(measured: number) {
    this.#measured = measured;
    this.#now = measured;
  }

  get framesPerSecond(): number {
    return this.#now;
  }

  /** What it had to score since the last look, and what it did, in frames a second. */
  see({ expected, scored }: { readonly expected: number; readonly scored: number }): void {
    const short = scored < ENOUGH * expected;
    if (short) this.#now += DOWN * (Math.min(scored, this.#now) - this.#now);
    else this.#now += UP * (this.#measured - this.#now);
  }
}
