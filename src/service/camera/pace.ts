/** How many frames a second are scored, by a counter that is looked at now and then. */
export class Pace {
  #samples: { readonly time: number; readonly scored: number }[] = [];

  /** @param time milliseconds, by a clock that is never set */
  look(time: number, scored: number): void {
    this.#samples.push({ time, scored });
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
}
