import { type PartName, partNames } from '../model/decomposition.ts';
import { type PairName, pairs } from './inspection.ts';

/** First and second moments of the parts over all cells, `[common, appearance, motion]` side by side. */
export class PartMoments {
  readonly #part: number;
  readonly #width: number;
  readonly #sum: Float64Array;
  readonly #products: Float64Array;
  #cells = 0;

  /** @param partWidth channels of each part */
  constructor(partWidth: number) {
    this.#part = partWidth;
    this.#width = partNames.length * partWidth;
    this.#sum = new Float64Array(this.#width);
    this.#products = new Float64Array(this.#width ** 2);
  }

  /**
   * @param sum over some cells, `[3 * partWidth]`
   * @param products `X'X` of the same cells' features, `[3 * partWidth, 3 * partWidth]`
   */
  push(sum: ArrayLike<number>, products: ArrayLike<number>, cells: number): void {
    for (let i = 0; i < this.#sum.length; i++) this.#sum[i]! += sum[i]!;
    for (let i = 0; i < this.#products.length; i++) this.#products[i]! += products[i]!;
    this.#cells += cells;
  }

  /** Mean of a part's features, `[partWidth]`. */
  mean(part: PartName): Float64Array {
    const start = this.#start(part);
    return this.#sum.slice(start, start + this.#part).map((sum) => sum / this.#cells);
  }

  /** Covariance of two parts, `[partWidth, partWidth]`. */
  covariance(a: PartName, b: PartName): Float64Array {
    const [first, second] = [this.#start(a), this.#start(b)];
    const matrix = new Float64Array(this.#part ** 2);
    for (let i = 0; i < this.#part; i++)
      for (let j = 0; j < this.#part; j++) {
        const [row, column] = [first + i, second + j];
        const means = (this.#sum[row]! / this.#cells) * (this.#sum[column]! / this.#cells);
        matrix[i * this.#part + j] =
          this.#products[row * this.#width + column]! / this.#cells - means;
      }
    return matrix;
  }

  /**
   * Linear centred kernel alignment of each pair, `|A'B|² / (|A'A| |B'B|)` of the centred features
   * (Kornblith et al., ICML 2019); 0 where a part is the same everywhere.
   */
  get cka(): Record<PairName, number> {
    const norm = (a: PartName, b: PartName) =>
      this.covariance(a, b).reduce((sum, value) => sum + value * value, 0);
    return Object.fromEntries(
      Object.entries(pairs).map(([name, [a, b]]) => {
        const own = Math.sqrt(norm(a, a) * norm(b, b));
        return [name, own > SAME ? norm(a, b) / own : 0];
      }),
    ) as Record<PairName, number>;
  }

  /** Sum of the three alignments, as the loss has it. */
  get overlap(): number {
    return Object.values(this.cka).reduce((sum, value) => sum + value, 0);
  }

  #start(part: PartName): number {
    return partNames.indexOf(part) * this.#part;
  }
}

/** Below it a part is the same in all cells but for rounding. */
const SAME = 1e-18;
