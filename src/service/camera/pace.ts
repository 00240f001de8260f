/** Share of the frames left out above which it is the machine that has no time. */
const DROPPING = 0.2;

/** How many frames a second are scored, by counters that are looked at now and then. */
export class Pace {
  #samples: { readonly time: number; readonly scored: number; readonly dropped: number }[] = [];

  /** @param time milliseconds, by a clock that is never set @param dropped frames that were left out */
  look(time: number, scored: number, dropped: number): void {
    this.#samples.push({ time, scored, dropped });
    while (this.#samples.length > 2 && this.#samples[1]!.time <= time - 5000) this.#samples.shift();
  }

  reset(): void {
    this.#samples = [];
  }

  /** Over the last five seconds; undefined until they have passed. */
  get perSecond(): number | undefined {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last || last.time - first.time < 4900) return undefined;
    return ((last.scored - first.scored) / (last.time - first.time)) * 1000;
  }

  /** Whether frames came that were not scored: otherwise a low pace is the camera's own. */
  get dropping(): boolean {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last) return false;
    const dropped = last.dropped - first.dropped;
    return dropped > DROPPING * (dropped + last.scored - first.scored);
  }
}
