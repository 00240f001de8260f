import { z } from 'zod';
import { type CellErrors, type ErrorKind, mapMean, maximumBlockDecibels } from './blocks.ts';
import { notFinite } from './not-finite.ts';
import { normalSpread, spreadOf } from './rarity.ts';

/** Normal statistics of one kind of error. */
const branchStatistics = z.strictObject({
  /** Distribution of a frame's largest block error in dB, for each block size in cells, ascending. */
  blocks: z
    .array(normalSpread.extend({ size: z.int().positive() }).readonly())
    .min(1)
    .readonly(),
});
export type BranchStatistics = Readonly<z.infer<typeof branchStatistics>>;

/** Maps that count in the score of newly calibrated models. */
export const scoredKinds = ['appearance', 'motion', 'pace'] as const satisfies ErrorKind[];

/** What is normal where the motion was about as rare of late. */
const recentLevel = z.strictObject({
  /** Mean rarity of the motion over the last minutes. */
  rarity: z.number(),
  appearance: branchStatistics.optional(),
  motion: branchStatistics.optional(),
  pace: branchStatistics.optional(),
} satisfies Record<(typeof scoredKinds)[number] | 'rarity', z.ZodType>);
export type RecentLevel = Readonly<z.infer<typeof recentLevel>>;

/** What is normal given the last minutes, if there was enough footage. */
const recentStatistics = z.strictObject({
  /** Time constant of the mean over the last frames, in frames. */
  frames: z.number().positive(),
  /** The least rare first; all with quantiles at the same shares. */
  levels: z
    .array(recentLevel)
    .min(2)
    .readonly()
    .refine(
      (levels) => levels.every(({ rarity }, i) => i === 0 || rarity > levels[i - 1]!.rarity),
      'levels whose rarity does not rise',
    ),
});
export type RecentStatistics = Readonly<z.infer<typeof recentStatistics>>;

/**
 * Normal statistics of a camera. Part of `model.json`. The maps that have statistics count in the score.
 */
export const normalStatistics = z.strictObject({
  /** Frames that they are from. */
  frames: z.int().positive(),
  appearance: branchStatistics.optional(),
  motion: branchStatistics.optional(),
  expectedMotion: branchStatistics.optional(),
  pace: branchStatistics.optional(),
  recent: recentStatistics.optional(),
} satisfies Record<ErrorKind | 'frames' | 'recent', z.ZodType>);
export type NormalStatistics = Readonly<z.infer<typeof normalStatistics>>;

/** Errors of a stretch of held-out normal footage without a break. */
export interface HeldOutErrors {
  readonly errors: readonly CellErrors[];
  readonly fps: number;
}

/**
 * Statistics of frames of held-out normal footage.
 * @param blockSizes in cells
 * @throws UserError where an error is not finite
 * @throws RangeError where there are no frames, or a block does not fit the grid
 */
export function statisticsOf(
  frames: readonly CellErrors[],
  blockSizes: readonly number[],
): NormalStatistics {
  if (frames.length === 0) throw new RangeError('normal statistics of no frames');
  const sizes = blockSizes.toSorted((a, b) => a - b);
  const maps: Partial<Record<ErrorKind, BranchStatistics>> = {};
  for (const kind of scoredKinds) {
    const found = frames.filter((errors) => errors[kind] !== undefined);
    if (found.length === 0) continue;
    if (found.some((errors) => !Number.isFinite(mapMean(errors[kind]!)))) throw notFinite(kind);
    const blocks = sizes.map((size) => ({
      size,
      ...spreadOf(found.map((errors) => maximumBlockDecibels(errors[kind]!, errors.grid, size))),
    }));
    maps[kind] = { blocks };
  }
  return { frames: frames.length, ...maps };
}
