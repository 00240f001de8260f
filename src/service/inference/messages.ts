import type { PictureRegion } from '../../scoring/regions/regions.ts';
import type { Size } from '../../video/frame.ts';
import type { CameraFrame, CameraScore } from '../parts.ts';

/** Frames of a camera that the process was given and has not answered, at most: one in its turn, one for the next. */
export const FRAMES_UNANSWERED = 2;

/** Messages to the inference process. A `watch` is a camera with a model; its number is never reused. */
export type ToInference =
  | {
      readonly kind: 'watch';
      readonly watch: number;
      readonly folder: string;
      /** Of the camera's own pictures. */
      readonly size: Size;
      readonly fps: number;
      readonly regions: readonly PictureRegion[];
    }
  | {
      readonly kind: 'regions';
      readonly watch: number;
      readonly regions: readonly PictureRegion[];
    }
  | { readonly kind: 'unwatch'; readonly watch: number }
  | { readonly kind: 'frame'; readonly watch: number; readonly frame: CameraFrame };

export type FromInference =
  /** Its model is loaded: frames of `frameBytes` may be sent. */
  | { readonly kind: 'watching'; readonly watch: number; readonly frameBytes: number }
  /** What is said of a frame, one for each, in order; null in the warm-up. */
  | { readonly kind: 'answer'; readonly watch: number; readonly score: CameraScore | null }
  /** The watch is over. */
  | { readonly kind: 'model failed'; readonly watch: number; readonly reason: string };
