/**
 * Milliseconds to wait before the next attempt: doubled with each failure, and jittered by a quarter
 * so that many who failed together do not come back together.
 * @param failures before the one that just happened
 */
export function growingWait(first: number, longest: number, failures: number): number {
  const wait = Math.min(longest, first * 2 ** Math.min(failures, 30));
  return Math.round(wait * (0.75 + Math.random() / 2));
}

/** Growing waits between attempts. */
export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  #failures = 0;

  /** @param first milliseconds of the first wait @param longest that a wait grows to */
  constructor(first: number, longest: number) {
    this.#first = first;
    this.#longest = longest;
  }

  /** @returns milliseconds until the next attempt */
  next(): number {
    return growingWait(this.#first, this.#longest, this.#failures++);
  }

  /** It went well for a while. */
  reset(): void {
    this.#failures = 0;
  }
}
