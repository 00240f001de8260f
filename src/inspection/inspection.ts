import { z } from 'zod';
import type { Branch } from '../model/configuration.ts';
import { type PartName, partNames } from '../model/decomposition.ts';

/** Pairs of parts by their names in the figures. */
export const pairs = {
  commonAppearance: ['common', 'appearance'],
  commonMotion: ['common', 'motion'],
  appearanceMotion: ['appearance', 'motion'],
} as const satisfies Record<string, readonly [PartName, PartName]>;
export type PairName = keyof typeof pairs;

/** The name of each decoder's error in an {@link Ablation}. */
export const ablationNames = {
  appearance: 'frame',
  motion: 'difference',
} as const satisfies Record<Branch, string>;

/**
 * Each decoder's squared error with a part replaced by its mean, over its error as it is: 1 where the
 * part is of no use to it. A decoder that is off has none.
 */
const ablation = z.strictObject({
  frame: z.number().nullable().optional(),
  difference: z.number().nullable().optional(),
});
export type Ablation = z.infer<typeof ablation>;

const memoryUse = z.strictObject({
  slots: z.int(),
  /** How many prototypes are used, as it were evenly: 1 … slots. */
  perplexity: z.number(),
});

const scoreFigures = z.strictObject({
  /**
   * Of the frames in which each map is the largest; where the score is their sum, of each map in its
   * variance before smoothing. They sum to 1.
   */
  shares: z.record(z.string(), z.number()),
  /** Of each pair of maps, by `first-second`. */
  correlation: z.record(z.string(), z.number()),
});
export type ScoreFigures = z.infer<typeof scoreFigures>;

/**
 * What a model does inside, on normal footage. Figures of parts that are switched off are left out;
 * those that the footage says nothing of are null.
 */
export const inspection = z.strictObject({
  /** Frames that the figures are means over. */
  frames: z.int(),
  /** How attention weighs the time scales; absent of a single scale. */
  time: z
    .strictObject({
      scales: z.array(
        z.strictObject({
          stride: z.int(),
          /** Mean weight over all cells, and over the cells that move. */
          weight: z.number(),
          onMoving: z.number().nullable(),
        }),
      ),
      /** Mean entropy of the weights over the moving cells, of that of even weights: 0 … 1. */
      entropy: z.number().nullable(),
    })
    .optional(),
  /** How the granularities are weighed; absent of a single one. */
  granularity: z
    .strictObject({
      scales: z.array(
        z.strictObject({
          patch: z.int(),
          weight: z.number(),
          /** Standard deviation over cells and frames. */
          deviation: z.number(),
        }),
      ),
    })
    .optional(),
  /** Absent without decomposition. */
  parts: z
    .strictObject({
      /** Sum of the three alignments: with the weights that the training began with, and now. */
      overlapAtStart: z.number(),
      overlap: z.number(),
      /** Linear centred kernel alignment of each pair, 0 … 1; a part that is the same everywhere has 0. */
      cka: z.record(z.literal(Object.keys(pairs) as PairName[]), z.number()),
      ablation: z.record(z.literal(partNames), ablation),
    })
    .optional(),
  /** Absent without memories. */
  memories: z.partialRecord(z.literal(partNames), memoryUse).optional(),
  /** Absent where it is not known yet what is normal. */
  score: scoreFigures.optional(),
});
export type Inspection = z.infer<typeof inspection>;

/** The same with four digits of each figure, for files that keep many. */
export function rounded(figures: Inspection): Inspection {
  const four = (_: string, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(4)) : value;
  return JSON.parse(JSON.stringify(figures, four)) as Inspection;
}
