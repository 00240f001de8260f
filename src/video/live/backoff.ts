/** Waits between attempts that grow while they fail, jittered so that many do not knock at once. */
export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  #failures = 0;

  /** @param first milliseconds of the first wait @param longest that a wait grows to */
  constructor(first: number, longest: number) {
    this.#first = first;
    this.#longest = longest;
  }

  /** @returns milliseconds until the next attempt: within a quarter of the first's power of two */
  next(): number {
    const wait = Math.min(this.#longest, this.#first * 2 ** Math.min(this.#failures++, 30));
    return Math.round(wait * (0.75 + Math.random() / 2));
  }

  /** It went well for a while. */
  reset(): void {
    this.#failures = 0;
  }
}
