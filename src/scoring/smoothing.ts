/**
 * Mean of the last `window` pushed values (of fewer at the start): causal, so a live stream and a
 * file give the same. Values are vectors of one length, such as a heatmap. Each mean is summed from
 * scratch, so that rounding errors do not accumulate over a long stream.
 */
export class CausalBox {
  readonly #window: number;
  readonly #past: Float64Array[] = [];

  /** @throws RangeError where the window is no positive whole number of frames. */
  constructor(window: number) {
    if (!Number.isInteger(window) || window < 1)
      throw new RangeError(`a smoothing window of ${window} frames`);
    this.#window = window;
  }

  /**
   * @param values `[n]`, copied
   * @returns `[n]`, a new array
   */
  push(values: ArrayLike<number>): Float64Array {
    const length = this.#past[0]?.length ?? values.length;
    if (values.length !== length)
      throw new RangeError(`${values.length} values after ${length} in one stream`);
    if (this.#past.length === this.#window) this.#past.shift();
    this.#past.push(Float64Array.from(values));
    const mean = new Float64Array(length);
    for (const past of this.#past) for (let i = 0; i < length; i++) mean[i]! += past[i]!;
    for (let i = 0; i < length; i++) mean[i]! /= this.#past.length;
    return mean;
  }
}
