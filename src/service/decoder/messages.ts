import type { PictureRegion } from '../../scoring/regions/regions.ts';
import type { SceneChange, SceneTimes } from '../../scoring/scene/scene.ts';
import type { FrameFormat, Size } from '../../video/frame.ts';
import type { CameraSource } from '../contract/camera.ts';
import type { CameraFrame, Heatmap, RecordedFile, Recording } from '../parts.ts';

/** A camera as its decoder needs it. */
export interface DecodedCamera {
  readonly source: CameraSource;
  /** Frames a second that are given. */
  readonly fps: number;
  readonly sceneFile: string;
  /** Parts of the picture that the judgement of the scene leaves out. */
  readonly ignored: readonly PictureRegion[];
  /** Milliseconds without a picture after which the stream has stalled. */
  readonly patience: number;
  /** Milliseconds of the first wait before it connects again. */
  readonly firstWait: number;
  readonly scene: Partial<SceneTimes>;
  /** Number of the first stretch of its frames: beyond those of processes before it. */
  readonly stretch: number;
}

/** Messages from the owner to a decoder. `open` or `test` comes first, once. */
export type DecoderOrder =
  | { readonly kind: 'open'; readonly camera: DecodedCamera }
  | { readonly kind: 'test'; readonly source: CameraSource; readonly patience: number }
  | { readonly kind: 'format'; readonly format: FrameFormat | null }
  | { readonly kind: 'record'; readonly recording: Recording | null }
  | { readonly kind: 'ignore'; readonly regions: readonly PictureRegion[] }
  | { readonly kind: 'learn scene' }
  | {
      readonly kind: 'thumbnail';
      readonly id: number;
      readonly time: number;
      readonly heatmap: Heatmap;
      readonly folder: string;
    }
  | {
      readonly kind: 'clip';
      readonly id: number;
      readonly from: number;
      readonly to: number;
      readonly path: string;
    }
  | {
      readonly kind: 'film';
      readonly id: number;
      readonly from: number;
      readonly path: string;
    }
  | { readonly kind: 'film until'; readonly id: number; readonly time: number }
  | { readonly kind: 'film ends'; readonly id: number; readonly time: number }
  /** Ends what is being recorded; `closed` answers. */
  | { readonly kind: 'close' };

/** Messages from a decoder to its owner. */
export type DecoderMessage =
  | { readonly kind: 'online'; readonly size: Size; readonly fps: number; readonly codec: string }
  | { readonly kind: 'offline'; readonly reason: string; readonly retryIn: number }
  | { readonly kind: 'frame'; readonly frame: CameraFrame }
  | { readonly kind: 'picture'; readonly time: number; readonly jpeg: Uint8Array }
  | { readonly kind: 'scene'; readonly change: SceneChange | null }
  | { readonly kind: 'scene doubt'; readonly doubtful: boolean }
  | { readonly kind: 'scene learned' }
  | { readonly kind: 'recorded'; readonly file: RecordedFile }
  | { readonly kind: 'recording failed'; readonly reason: string }
  /** Once a second, since this process started. */
  | { readonly kind: 'counts'; readonly frames: number; readonly dropped: number }
  /** A thumbnail, clip or film is written, or why it is not; whether that is a mistake of the user's. */
  | { readonly kind: 'done'; readonly id: number; readonly failed?: Failure }
  | {
      readonly kind: 'tested';
      readonly size: Size;
      readonly fps: number;
      readonly codec: string;
      readonly jpeg: Uint8Array;
    }
  | { readonly kind: 'not tested'; readonly failed: Failure }
  | { readonly kind: 'closed' };

export interface Failure {
  readonly message: string;
  /** Whether it is a `UserError`. */
  readonly users: boolean;
}
