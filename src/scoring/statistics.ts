import {
  type CellErrors,
  type ErrorKind,
  errorKinds,
  mapMean,
  maximumBlockDecibels,
} from './blocks.ts';
import { notFinite } from './not-finite.ts';
import { type NormalSpread, spreadOf } from './rarity.ts';

/** What is normal for one kind of errors. */
export interface BranchStatistics {
  /** The largest block error of a frame in dB, for each block size (in cells), smallest size first. */
  readonly blocks: readonly (NormalSpread & { readonly size: number })[];
}

/** What is normal for a camera. Plain JSON, part of `model.json`; `null` is a decoder that is switched off. */
export interface NormalStatistics {
  /** How many frames it was gathered from. */
  readonly frames: number;
  readonly appearance: BranchStatistics | null;
  readonly motion: BranchStatistics | null;
  readonly pace: BranchStatistics | null;
}

/** Gathers {@link NormalStatistics} over the frames of held-out normal footage. */
export class StatisticsGatherer {
  readonly #sizes: readonly number[];
  readonly #worst: Partial<Record<ErrorKind, number[][]>> = {};
  #frames = 0;

  /** @param blockSizes in cells */
  constructor(blockSizes: readonly number[]) {
    this.#sizes = [...blockSizes].sort((a, b) => a - b);
  }

  /** @throws UserError where an error is not finite, RangeError where a block does not fit the grid. */
  push(errors: CellErrors): void {
    for (const kind of errorKinds) {
      const map = errors[kind];
      if (map === undefined) continue;
      if (!Number.isFinite(mapMean(map))) throw notFinite(kind);
      const worst = (this.#worst[kind] ??= this.#sizes.map(() => []));
      for (const [i, size] of this.#sizes.entries())
        worst[i]!.push(maximumBlockDecibels(map, errors.grid, size));
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
      pace: this.#branchStatistics('pace'),
    };
  }

  #branchStatistics(kind: ErrorKind): BranchStatistics | null {
    const worst = this.#worst[kind];
    if (worst === undefined) return null;
    return { blocks: this.#sizes.map((size, i) => ({ size, ...spreadOf(worst[i]!) })) };
  }
}
