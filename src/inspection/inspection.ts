import type { Branch } from '../model/configuration.ts';
import type { PartName } from '../model/decomposition.ts';

/**
 * What a model does inside, on normal footage. Figures of parts that are switched off are left out;
 * those that the footage says nothing of are null.
 */
export interface Inspection {
  /** Frames that the figures are means over. */
  readonly frames: number;
  /** How attention weighs the time scales; absent of a single scale. */
  readonly time?: {
    readonly scales: readonly StrideWeight[];
    /** Mean entropy of the weights over the moving cells, of that of even weights: 0 … 1. */
    readonly entropy: number | null;
  };
  /** How the granularities are weighed; absent of a single one. */
  readonly granularity?: { readonly scales: readonly PatchWeight[] };
  /** Absent without decomposition. */
  readonly parts?: {
    /** Sum of the three alignments: with the weights that the training began with, and now. */
    readonly overlapAtStart: number;
    readonly overlap: number;
    /** Linear centred kernel alignment of each pair, 0 … 1; a part that is the same everywhere has 0. */
    readonly cka: Readonly<Record<PairName, number>>;
    readonly ablation: Readonly<Record<PartName, Ablation>>;
  };
  /** Absent without memories. */
  readonly memories?: Readonly<Partial<Record<PartName, MemoryUse>>>;
  /** Absent where it is not known yet what is normal. */
  readonly score?: ScoreFigures;
}

export interface StrideWeight {
  readonly stride: number;
  /** Mean weight over all cells, and over the cells that move. */
  readonly weight: number;
  readonly onMoving: number | null;
}

export interface PatchWeight {
  readonly patch: number;
  readonly weight: number;
  /** Standard deviation over cells and frames. */
  readonly deviation: number;
}

/**
 * Each decoder's squared error with a part replaced by its mean, over its error as it is: 1 where the
 * part is of no use to it. A decoder that is off has none.
 */
export interface Ablation {
  readonly frame?: number | null;
  readonly difference?: number | null;
}

/** The name of each decoder's error in an {@link Ablation}. */
export const ablationNames = {
  appearance: 'frame',
  motion: 'difference',
} as const satisfies Record<Branch, keyof Ablation>;

export interface MemoryUse {
  readonly slots: number;
  /** How many prototypes are used, as it were evenly: 1 … slots. */
  readonly perplexity: number;
}

export interface ScoreFigures {
  /** Of each map in the variance of the score before smoothing; they sum to 1. */
  readonly shares: Readonly<Record<string, number>>;
  /** Of each pair of maps, by `first-second`. */
  readonly correlation: Readonly<Record<string, number>>;
}

/** Pairs of parts by their names in the figures. */
export const pairs = {
  commonAppearance: ['common', 'appearance'],
  commonMotion: ['common', 'motion'],
  appearanceMotion: ['appearance', 'motion'],
} as const satisfies Record<string, readonly [PartName, PartName]>;
export type PairName = keyof typeof pairs;
