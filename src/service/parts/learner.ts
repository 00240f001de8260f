import type { LightName } from '../../scoring/light/clusters.ts';
import type { Light } from '../../scoring/light/light.ts';
import type { PictureRegion } from '../../scoring/regions/regions.ts';
import type { LearningSettings, OddMinute } from '../contract/camera.ts';
import type { CheckedModel } from './inference.ts';

/** Scores of footage without a break: the highest of each second. */
export interface ScoredStretch {
  readonly from: number;
  /** One a second; NaN in the warm-up. */
  readonly peaks: Float32Array;
  /** The model that gave them, where the camera has one for each light. */
  readonly light?: LightName | undefined;
}

export interface LearningJob {
  readonly camera: string;
  /** Video files or folders of videos, with the time at which each starts. */
  readonly footage: readonly {
    readonly path: string;
    readonly from: number;
    readonly light?: Light | undefined;
  }[];
  /** Spans in which everything was confirmed as normal: none of it is odd. */
  readonly confirmed: readonly { readonly from: number; readonly to: number }[];
  /** The model folder to be made; where it holds an unfinished training of the same job, that goes on. */
  readonly out: string;
  readonly learning: LearningSettings;
  readonly alarmsPerDay: number;
  /** Drawn when it begins: what does not count is neither odd nor calibrated on. */
  readonly regions?: readonly PictureRegion[];
  /** Pictures of odd minutes go here as `<id>.jpg`. */
  readonly oddFolder: string;
}

export interface Learned {
  readonly model: CheckedModel;
  /** Held-out footage, without its odd minutes. */
  readonly heldOut: readonly ScoredStretch[];
  readonly oddMinutes: readonly Omit<OddMinute, 'verdict'>[];
}

export interface Learner {
  /**
   * Jobs run one after another. @throws UserError why it cannot be learned (too little footage, a
   * full disk); the folder keeps its checkpoint. A lost process is started again and goes on.
   */
  learn(
    job: LearningJob,
    onProgress: (progress: {
      readonly phase: 'training' | 'calibrating';
      readonly share: number;
      readonly secondsLeft: number | null;
    }) => void,
    signal: AbortSignal,
  ): Promise<Learned>;
  /** @throws UserError with one line where a folder is no model that can be used: truncated, huge, newer, NaN. */
  check(folder: string): Promise<CheckedModel>;
  /** Memory of the process of the job under way, in bytes; 0 while there is none. */
  readonly residentBytes: number;
  stop(): Promise<void>;
}
