/**
 * Lets through so many a second of what arrives, by the clock of arrival: of a burst only what real
 * time has room for, and none less of a steady stream that trembles.
 */
export class Thinning {
  readonly #period: number;
  #next = Number.NEGATIVE_INFINITY;

  /** @param perSecond how many pass at most, on the long run */
  constructor(perSecond: number) {
    this.#period = 1000 / perSecond;
  }

  /** @param now milliseconds of a clock that never falls */
  passes(now: number): boolean {
    if (now < this.#next - this.#period / 2) return false;
    this.#next = Math.max(this.#next, now - this.#period / 2) + this.#period;
    return true;
  }
}
