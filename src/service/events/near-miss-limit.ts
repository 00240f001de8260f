const HOUR = 3_600_000;

/** Keeps only the strongest near misses of an hour. */
export class NearMissLimit {
  readonly #most: number;
  #kept: { readonly id: string; readonly time: number; readonly score: number }[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** @returns whether it is kept, and the one that is dropped for it */
  add(
    id: string,
    time: number,
    score: number,
  ): { readonly kept: boolean; readonly dropped?: string } {
    this.#kept = this.#kept.filter((other) => Math.abs(time - other.time) < HOUR);
    const near = { id, time, score };
    if (this.#kept.length < this.#most) {
      this.#kept.push(near);
      return { kept: true };
    }
    const weakest = this.#kept.reduce((a, b) => (b.score < a.score ? b : a));
    if (score <= weakest.score) return { kept: false };
    this.#kept[this.#kept.indexOf(weakest)] = near;
    return { kept: true, dropped: weakest.id };
  }
}
