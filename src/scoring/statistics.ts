import { z } from 'zod';
import { type CellErrors, type ErrorKind, mapMean, maximumBlockDecibels } from './blocks.ts';
import { notFinite } from './not-finite.ts';
import { normalSpread, spreadOf } from './rarity.ts';

/** What is normal for one kind of errors. */
const branchStatistics = z.strictObject({
  /** The largest block error of a frame in dB, for each block size (in cells), smallest size first. */
  blocks: z
    .array(normalSpread.extend({ size: z.int().positive() }).readonly())
    .min(1)
    .readonly(),
});
export type BranchStatistics = Readonly<z.infer<typeof branchStatistics>>;

/**
 * What is normal for a camera. Part of `model.json`. The maps that it has are those that count in
 * the score.
 */
export const normalStatistics = z.strictObject({
  /** How many frames it was gathered from. */
  frames: z.int().positive(),
  appearance: branchStatistics.optional(),
  motion: branchStatistics.optional(),
  expectedMotion: branchStatistics.optional(),
  pace: branchStatistics.optional(),
} satisfies Record<ErrorKind | 'frames', z.ZodType>);
export type NormalStatistics = Readonly<z.infer<typeof normalStatistics>>;

/** The maps that count in the score of a model that is calibrated now. */
const scoredKinds: readonly ErrorKind[] = ['appearance', 'motion', 'pace'];

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
    for (const kind of scoredKinds) {
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
    const kinds = Object.entries(this.#worst).map(([kind, worst]) => [
      kind,
      { blocks: this.#sizes.map((size, i) => ({ size, ...spreadOf(worst[i]!) })) },
    ]);
    return { frames: this.#frames, ...Object.fromEntries(kinds) };
  }
}
