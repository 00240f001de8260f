import type { PartName } from '../model/decomposition.ts';

/** Mean square of a cell's change above which it counts as moving: 2 % of the range of pixels. */
const MOVING = 0.04 ** 2;

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
        this.#entropy -= weight * Math.log(Math.max(weight, 1e-12));
      }
    }
  }

  of(scale: number): { weight: number; onMoving: number; deviation: number } {
    const weight = this.#sum[scale]! / this.#cells;
    const variance = this.#squares[scale]! / this.#cells - weight * weight;
    return {
      weight,
      onMoving: this.#moving[scale]! / Math.max(1, this.#movingCells),
      deviation: Math.sqrt(Math.max(0, variance)),
    };
  }

  /** Mean entropy over the moving cells, of that of even weights. */
  get entropy(): number {
    return this.#entropy / Math.max(1, this.#movingCells) / Math.log(this.#scales);
  }
}

/** Second moments of the parts of all cells, for their linear centred kernel alignment. */
export class Covariance {
  readonly #widths: Readonly<Record<string, number>>;
  readonly #names: readonly string[];
  readonly #width: number;
  readonly #sum: Float64Array;
  readonly #products: Float64Array;
  #rows = 0;

  /** @param widths channels of each part */
  constructor(widths: Readonly<Record<string, number>>) {
    this.#widths = widths;
    this.#names = Object.keys(widths);
    this.#width = Object.values(widths).reduce((sum, width) => sum + width, 0);
    this.#sum = new Float64Array(this.#width);
    this.#products = new Float64Array(this.#width ** 2);
  }

  /** @param parts `[cells, width]` each */
  push(parts: Readonly<Record<string, ArrayLike<number>>>, cells: number): void {
    const width = this.#width;
    const row = new Float64Array(width);
    for (let cell = 0; cell < cells; cell++) {
      let at = 0;
      for (const name of this.#names) {
        const size = this.#widths[name]!;
        for (let i = 0; i < size; i++) row[at++] = parts[name]![cell * size + i]!;
      }
      for (let i = 0; i < width; i++) {
        const value = row[i]!;
        this.#sum[i]! += value;
        const start = i * width;
        for (let j = 0; j < width; j++) this.#products[start + j]! += value * row[j]!;
      }
    }
    this.#rows += cells;
  }

  /** `|A'B|² / (|A'A| |B'B|)` of two centred parts (Kornblith et al., ICML 2019). */
  alignment(a: PartName, b: PartName): number {
    return (
      this.#squaredNorm(a, b) / Math.sqrt(this.#squaredNorm(a, a) * this.#squaredNorm(b, b) + 1e-24)
    );
  }

  #squaredNorm(a: PartName, b: PartName): number {
    const [first, second] = [this.#start(a), this.#start(b)];
    let norm = 0;
    for (let i = first; i < first + this.#widths[a]!; i++)
      for (let j = second; j < second + this.#widths[b]!; j++) {
        const mean = (this.#sum[i]! / this.#rows) * (this.#sum[j]! / this.#rows);
        norm += (this.#products[i * this.#width + j]! / this.#rows - mean) ** 2;
      }
    return norm;
  }

  #start(name: string): number {
    let start = 0;
    for (const other of this.#names) {
      if (other === name) break;
      start += this.#widths[other]!;
    }
    return start;
  }
}

/** `exp` of the entropy of a distribution: how many of its entries are used, as it were evenly. */
export function perplexity(use: ArrayLike<number>): number {
  let [sum, entropy] = [0, 0];
  for (let i = 0; i < use.length; i++) sum += use[i]!;
  for (let i = 0; i < use.length; i++) {
    const share = use[i]! / Math.max(sum, 1e-12);
    if (share > 0) entropy -= share * Math.log(share);
  }
  return Math.exp(entropy);
}

/** Series of rarities, one for each map of the score, one value a frame. */
export type RaritySeries = Readonly<Record<string, readonly number[]>>;

/** The share of each map in the variance of their sum; the shares sum to 1. */
export function sharesOfVariance(series: RaritySeries): Record<string, number> {
  const all = Object.values(series);
  const total =
    all[0]?.map((_, frame) => all.reduce((sum, values) => sum + values[frame]!, 0)) ?? [];
  const variance = covariance(total, total);
  return Object.fromEntries(
    Object.entries(series).map(([name, values]) => [
      name,
      variance > 0 ? covariance(values, total) / variance : 0,
    ]),
  );
}

/** Pearson's correlation of each pair of maps, as `appearance-motion`. */
export function correlations(series: RaritySeries): Record<string, number> {
  const entries = Object.entries(series);
  return Object.fromEntries(
    entries.flatMap(([name, values], i) =>
      entries.slice(i + 1).map(([other, others]) => {
        const deviations = Math.sqrt(covariance(values, values) * covariance(others, others));
        return [`${name}-${other}`, deviations > 0 ? covariance(values, others) / deviations : 0];
      }),
    ),
  );
}

function covariance(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const [meanA, meanB] = [mean(a), mean(b)];
  return mean(a.map((value, i) => (value - meanA) * (b[i]! - meanB)));
}
