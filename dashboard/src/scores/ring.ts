/** Milliseconds; scores that are late by less are of the same clock. */
const SET_BACK = 10_000;

/** The latest scores of a camera, in a ring: what is older than it holds is forgotten. */
export class ScoreRing {
  readonly #times: Float64Array;
  readonly #scores: Float32Array;
  #end = 0;
  #length = 0;

  constructor(capacity: number) {
    this.#times = new Float64Array(capacity);
    this.#scores = new Float32Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /**
   * Takes a score; one that is not later than the last is left out, unless the clock was set back: then
   * what is here is of another time. NaN is a gap.
   */
  push(time: number, score: number): void {
    const capacity = this.#times.length;
    const last = this.#times[(this.#end + capacity - 1) % capacity]!;
    if (last - time > SET_BACK) this.clear();
    if (this.#length && time <= last) return;
    this.#times[this.#end] = time;
    this.#scores[this.#end] = score;
    this.#end = (this.#end + 1) % capacity;
    this.#length = Math.min(capacity, this.#length + 1);
  }

  clear(): void {
    this.#length = 0;
  }

  /** Puts older scores, the oldest first, in front of those that are there. */
  putBefore(older: readonly (readonly [time: number, score: number])[]): void {
    const newer: [number, number][] = [];
    this.forEach(Number.NEGATIVE_INFINITY, (time, score) => newer.push([time, score]));
    this.clear();
    const first = newer[0]?.[0] ?? Number.POSITIVE_INFINITY;
    for (const [time, score] of older) if (time < first) this.push(time, score);
    for (const [time, score] of newer) this.push(time, score);
  }

  /** Calls with each score since a time, the oldest first. */
  forEach(since: number, visit: (time: number, score: number) => void): void {
    const capacity = this.#times.length;
    for (let k = this.#length; k > 0; k--) {
      const at = (this.#end - k + capacity) % capacity;
      if (this.#times[at]! >= since) visit(this.#times[at]!, this.#scores[at]!);
    }
  }
}
