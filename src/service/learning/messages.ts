import type { FrameFormat } from '../../video/frame.ts';
import type { CheckedModel, Learned, LearningJob } from '../parts.ts';

/** How far a job is. */
export interface LearningProgress {
  readonly phase: 'training' | 'calibrating';
  /** 0 … 1 */
  readonly share: number;
  readonly secondsLeft: number | null;
}

export interface LearningOptions {
  /** What the model sees, where it is not the preset's. */
  readonly input?: Partial<FrameFormat> | undefined;
  /** Seconds of the spans that are found odd or not. */
  readonly oddSpanSeconds: number;
  /** Seconds of footage that a light must have for a model of its own. */
  readonly lightSeconds: number;
}

export interface ToLearner {
  readonly job: LearningJob;
  readonly options: LearningOptions;
}

export type FromLearner =
  | { readonly kind: 'progress'; readonly progress: LearningProgress }
  | { readonly kind: 'learned'; readonly learned: Learned }
  /** A user's mistake, in one line. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface ToCheck {
  readonly folder: string;
}

export type FromCheck =
  | { readonly kind: 'good'; readonly model: CheckedModel }
  | { readonly kind: 'refused'; readonly reason: string };
