import type { Region } from '../../scoring/heatmap.ts';
import type { LightClusters } from '../../scoring/light/clusters.ts';
import type { PlaceMap } from '../../scoring/regions/place-map.ts';
import type { PictureRegion } from '../../scoring/regions/regions.ts';
import type { AlarmThreshold } from '../../scoring/threshold.ts';
import type { FrameFormat, Size } from '../../video/frame.ts';
import type { CameraFrame, Heatmap } from './decoder.ts';

/** What is said of one frame of a camera. */
export interface CameraScore {
  readonly time: number;
  readonly score: number;
  readonly appearance: number;
  readonly motion: number;
  /** In pixels of the camera's own pictures, the worst first. */
  readonly regions: readonly Region[];
  readonly heatmap: Heatmap;
  /** Seconds of the time scale whose change stands out most where it is worst; null where none does. */
  readonly timeScale: number | null;
  /** Middle of the place that is worst, as shares of the picture's width and height. */
  readonly place?: { readonly x: number; readonly y: number };
  /** The picture there and how it changes, as features whose scale says nothing. */
  readonly look?: readonly number[];
  /** Zone of that place; null where it lies in none. */
  readonly zone?: string | null;
  /** What is seen with the zones whose alarms are off, where there are any. */
  readonly seen?: CameraScore;
  /** Of the minute before, with the first score of another. */
  readonly placeMap?: PlaceMap;
}

export interface InferenceListener {
  onScore(camera: string, score: CameraScore): void;
  /** Its process was lost; the cameras pause until it is back, which it is by itself unless given up. */
  onLost(reason: string, givenUp: boolean): void;
  onReady(): void;
  /** A camera's model cannot be used any more (deleted, damaged): why, in one line. */
  onModelFailed(camera: string, reason: string): void;
}

/** Scores the frames of all cameras, in one process. */
export interface Inference {
  start(): void;
  stop(): Promise<void>;
  /** From now on this camera is scored by this model; after a lost process, too. */
  watch(
    camera: string,
    folder: string,
    size: Size,
    fps: number,
    regions: readonly PictureRegion[],
  ): void;
  /** Other regions, from the next frame on; nothing where the camera is not watched. */
  setRegions(camera: string, regions: readonly PictureRegion[]): void;
  unwatch(camera: string): void;
  /** Never waits: two frames of a camera are kept at most, the oldest is dropped and counted. */
  push(camera: string, frame: CameraFrame): void;
  /** Memory of its process, in bytes; 0 while there is none. */
  readonly residentBytes: number;
  counts(camera: string): {
    readonly dropped: number;
    readonly scored: number;
    /** From arrival to score, the mean of the last seconds. */
    readonly latencyMs: number | null;
  };
}

/** What the service needs to know of a model folder that was found good. */
export interface CheckedModel {
  readonly format: FrameFormat;
  readonly preset: string;
  /** What was measured of its held-out footage: the threshold of any budget follows from it. */
  readonly threshold: AlarmThreshold;
  /** For a model of the day: the one of the night, and the measure that separates the two lights. */
  readonly lights?:
    | {
        readonly clusters: LightClusters;
        readonly night: Pick<CheckedModel, 'threshold'> & { readonly folder: string };
      }
    | undefined;
}
