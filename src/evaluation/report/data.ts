import type { Inspection } from '../../inspection/inspection.ts';
import type { Grid } from '../../scoring/blocks.ts';
import type { ScoringSettings } from '../../scoring/score.ts';
import type { AlarmThreshold } from '../../scoring/threshold.ts';
import type { FrameFormat, Size } from '../../video/frame.ts';
import type { Localisation } from '../localisation.ts';
import type { Operations } from '../operations.ts';
import type { AfterWarmUp, Protocols } from '../protocols.ts';

/** Everything the page shows. */
export interface ReportData {
  /** Version of this software. */
  readonly version: string;
  readonly model: {
    /** What the user calls it: the folder's name. */
    readonly name: string;
    readonly preset: string;
    readonly task: string;
    readonly parameters: number;
    readonly input: FrameFormat;
    readonly seed: number;
  };
  readonly dataset: {
    readonly name: string;
    readonly frames: number;
    /** null without labels. */
    readonly anomalousFrames: number | null;
    /** Where the truth comes from; null without labels. */
    readonly labelSource: string | null;
  };
  readonly protocols: Protocols;
  readonly warmUp: AfterWarmUp;
  readonly localisation: Localisation;
  readonly operations: Operations;
  readonly threshold: AlarmThreshold;
  readonly scoring: ScoringSettings;
  /** Scored frames a second, reading included; null where it was not measured. */
  readonly framesPerSecond: number | null;
  /** Terms of the loss over the training, the total first; may be empty. */
  readonly losses: readonly LossTerm[];
  /** What the model's parts did at the end of its training; undefined where it was not recorded. */
  readonly inner: Inspection | undefined;
  readonly clips: readonly ReportClip[];
}

/** One term of the loss, measured on what was trained on and on what was held out. */
export interface LossTerm {
  readonly name: string;
  readonly training: readonly LossPoint[];
  readonly validation: readonly LossPoint[];
}

export interface LossPoint {
  /** Epochs since the start, fractions allowed. */
  readonly epoch: number;
  readonly value: number;
}

/** A clip of the test, one value a frame in each series. */
export interface ReportClip {
  readonly name: string;
  readonly fps: number;
  readonly labels: ArrayLike<number> | undefined;
  /** Frames that do not follow the one before: the recording has a gap there. */
  readonly gaps?: readonly number[] | undefined;
  /** The score of the `live` protocol and its two parts. */
  readonly score: ArrayLike<number>;
  readonly appearance: ArrayLike<number>;
  readonly motion: ArrayLike<number>;
  /** What to show of its highest scores; see `peakFrames`. */
  readonly peaks: readonly ReportPeak[];
}

/** One frame with its heatmap. */
export interface ReportPeak {
  readonly frame: number;
  /** The frame as the model saw it: bytes `[channels, height, width]`. */
  readonly picture: { readonly format: FrameFormat; readonly data: Uint8Array };
  /** Size of the original picture, whose shape is restored. */
  readonly source: Size;
  /** Local rarity, `[grid.height, grid.width]`. */
  readonly heatmap: Float32Array;
  readonly grid: Grid;
}
