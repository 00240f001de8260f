import {
  type Branch,
  branches,
  type CellErrors,
  mapMean,
  maximumBlockDecibels,
  psnr,
} from './blocks.ts';

/** Mean and deviation over held-out normal frames, in dB. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number;
}

/** What is normal for one decoder. */
export interface BranchStatistics {
  /** The largest block error of a frame, for each block size (in cells), smallest size first. */
  readonly blocks: readonly (Spread & { readonly size: number })[];
  /** PSNR of the whole frame. */
  readonly psnr: Spread;
}

/** What is normal for a camera. Plain JSON, part of `model.json`; `null` is a decoder that is switched off. */
export interface NormalStatistics {
  /** How many frames it was gathered from. */
  readonly frames: number;
  readonly appearance: BranchStatistics | null;
  readonly motion: BranchStatistics | null;
}

/**
 * A few frames of a still scene may hardly differ; without a floor the least noise afterwards
 * would be thousands of deviations.
 */
export const smallestDeviation = 0.05;

/** Mean and deviation of a series in one pass (Welford), stable for long ones. */
class RunningSpread {
  #count = 0;
  #mean = 0;
  #squares = 0;

  push(value: number): void {
    this.#count++;
    const before = value - this.#mean;
    this.#mean += before / this.#count;
    this.#squares += before * (value - this.#mean);
  }

  spread(): Spread {
    const deviation = Math.sqrt(this.#squares / this.#count);
    return { mean: this.#mean, deviation: Math.max(deviation, smallestDeviation) };
  }
}

interface BranchGatherer {
  readonly blocks: readonly RunningSpread[];
  readonly psnr: RunningSpread;
}

/** Gathers {@link NormalStatistics} over the frames of held-out normal footage. */
export class StatisticsGatherer {
  readonly #sizes: readonly number[];
  readonly #branches: Partial<Record<Branch, BranchGatherer>> = {};
  #frames = 0;

  /** @param blockSizes in cells */
  constructor(blockSizes: readonly number[]) {
    this.#sizes = [...blockSizes].sort((a, b) => a - b);
  }

  /** @throws RangeError where an error is NaN or infinite, or a block does not fit the grid. */
  push(errors: CellErrors): void {
    for (const branch of branches) {
      const map = errors[branch];
      if (map === undefined) continue;
      const mean = mapMean(map);
      if (!Number.isFinite(mean)) throw new RangeError(`${branch} errors are not finite`);
      const gatherer = (this.#branches[branch] ??= {
        blocks: this.#sizes.map(() => new RunningSpread()),
        psnr: new RunningSpread(),
      });
      gatherer.psnr.push(psnr(mean));
      for (const [i, size] of this.#sizes.entries())
        gatherer.blocks[i]!.push(maximumBlockDecibels(map, errors.grid, size));
    }
    this.#frames++;
  }

  /** @throws RangeError where no frame was pushed. */
  statistics(): NormalStatistics {
    if (this.#frames === 0) throw new RangeError('normal statistics of no frames');
    return {
      frames: this.#frames,
      appearance: this.#branchStatistics('appearance'),
      motion: this.#branchStatistics('motion'),
    };
  }

  #branchStatistics(branch: Branch): BranchStatistics | null {
    const gatherer = this.#branches[branch];
    if (gatherer === undefined) return null;
    return {
      blocks: this.#sizes.map((size, i) => ({ size, ...gatherer.blocks[i]!.spread() })),
      psnr: gatherer.psnr.spread(),
    };
  }
}
