/** Mean square of a cell's change above which it counts as moving: 2 % of the range of pixels. */
export const MOVING = 0.04 ** 2;

/** Mean, mean on moving cells, deviation and entropy of softmax weights over scales. */
export class ScaleWeights {
  readonly #scales: number;
  readonly #sum: Float64Array;
  readonly #squares: Float64Array;
  readonly #moving: Float64Array;
  #entropy = 0;
  #cells = 0;
  #movingCells = 0;

  constructor(scales: number) {
    this.#scales = scales;
    this.#sum = new Float64Array(scales);
    this.#squares = new Float64Array(scales);
    this.#moving = new Float64Array(scales);
  }

  /**
   * @param weights `[cells, scales]`; of one cell only where they belong to the whole picture
   * @param change `[cells]`, see {@link MOVING}
   */
  push(weights: ArrayLike<number>, change: ArrayLike<number>): void {
    const scales = this.#scales;
    const own = weights.length > scales;
    for (let cell = 0; cell < change.length; cell++) {
      const at = own ? cell * scales : 0;
      const moves = change[cell]! > MOVING;
      this.#cells += 1;
      if (moves) this.#movingCells += 1;
      for (let s = 0; s < scales; s++) {
        const weight = weights[at + s]!;
        this.#sum[s]! += weight;
        this.#squares[s]! += weight * weight;
        if (!moves) continue;
        this.#moving[s]! += weight;
        if (weight > 0) this.#entropy -= weight * Math.log(weight);
      }
    }
  }

  /** `onMoving` is null where nothing moved. */
  of(scale: number): { weight: number; onMoving: number | null; deviation: number } {
    const weight = this.#sum[scale]! / this.#cells;
    const variance = this.#squares[scale]! / this.#cells - weight * weight;
    return {
      weight,
      onMoving: this.#movingCells > 0 ? this.#moving[scale]! / this.#movingCells : null,
      deviation: Math.sqrt(Math.max(0, variance)),
    };
  }

  /** Mean entropy over the moving cells, of that of even weights; null where nothing moved. */
  get entropy(): number | null {
    if (this.#movingCells === 0) return null;
    return this.#entropy / this.#movingCells / Math.log(this.#scales);
  }
}
