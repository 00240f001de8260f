import type { PartName } from '../model/decomposition.ts';

/**
 * What a model does inside, on normal footage. Figures of parts that are switched off are left out.
 */
export interface Inspection {
  readonly frames: number;
  readonly time?: {
    readonly scales: readonly {
      readonly stride: number;
      /** Mean weight over all cells, and over the cells that move. */
      readonly weight: number;
      readonly onMoving: number;
    }[];
    /** Mean entropy of the weights over the moving cells, of that of even weights: 0 … 1. */
    readonly entropy: number;
  };
  readonly granularity?: {
    readonly scales: readonly {
      readonly patch: number;
      readonly weight: number;
      /** Over cells and frames. */
      readonly deviation: number;
    }[];
  };
  readonly parts?: {
    /** Sum of the three alignments; at the start of the training, and now. */
    readonly overlapAtStart: number;
    readonly overlap: number;
    /** Linear centred kernel alignment of each pair, 0 … 1. */
    readonly cka: Readonly<Record<PairName, number>>;
    /** A decoder's error with the part replaced by its mean, over its error as it is. */
    readonly ablation: Readonly<
      Record<PartName, { readonly frame?: number; readonly difference?: number }>
    >;
  };
  readonly memories?: Readonly<
    Partial<Record<PartName, { readonly slots: number; readonly perplexity: number }>>
  >;
  readonly score: {
    /** Of each map in the variance of the score before smoothing; they sum to 1. */
    readonly shares: Readonly<Record<string, number>>;
    /** Of each pair of maps, by `first-second`. */
    readonly correlation: Readonly<Record<string, number>>;
  };
}

/** Pairs of parts by their names in the figures. */
export const pairs = {
  commonAppearance: ['common', 'appearance'],
  commonMotion: ['common', 'motion'],
  appearanceMotion: ['appearance', 'motion'],
} as const satisfies Record<string, readonly [PartName, PartName]>;
export type PairName = keyof typeof pairs;
