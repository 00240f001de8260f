import type { Model } from '../../detector/model.ts';
import type { ModelDescription } from '../../detector/model-file.ts';
import { TurnCamera } from '../../detector/turn-camera.ts';
import { findRegions } from '../../scoring/heatmap.ts';
import { type FrameScore, StreamScorer } from '../../scoring/score.ts';
import type { Size } from '../../video/frame.ts';
import type { CameraFrame, CameraScore, Heatmap } from '../parts.ts';
import { lookAt } from './look.ts';
import { FRAMES_UNANSWERED } from './messages.ts';
import { TimeScales } from './time-scale.ts';

export interface ScoredCameraListener {
  /** Once a frame, in order; null in the warm-up. */
  onAnswer(score: CameraScore | null): void;
  onFailed(error: unknown): void;
}

/** One camera in the inference process: its frames wait for turns, and their errors become scores. */
export class ScoredCamera {
  readonly turns: TurnCamera<CameraFrame, StreamScorer>;
  readonly #description: ModelDescription;
  readonly #size: Size;
  readonly #waiting: CameraFrame[] = [];
  readonly #timeScales: TimeScales;

  /** @param size of the camera's own pictures, for the regions */
  constructor(
    { detector, description }: Model,
    { size, fps }: { readonly size: Size; readonly fps: number },
    listener: ScoredCameraListener,
  ) {
    const { statistics, scoring } = description;
    this.#description = description;
    this.#size = size;
    this.#timeScales = new TimeScales(description.configuration, fps);
    this.turns = new TurnCamera(detector, {
      next: () => this.#waiting.shift(),
      newScorer: () => new StreamScorer(statistics, scoring),
      onErrors: ({ time }, errors, scorer) =>
        listener.onAnswer(errors ? this.#score(time, scorer.push(errors)) : null),
      onFailed: (error) => listener.onFailed(error),
    });
  }

  /** @throws RangeError where more frames come than may be unanswered: each must get one answer */
  push(frame: CameraFrame): void {
    if (this.#waiting.length === FRAMES_UNANSWERED)
      throw new RangeError(`more than ${FRAMES_UNANSWERED} frames are unanswered`);
    this.#waiting.push(frame);
  }

  #score(time: number, scored: FrameScore): CameraScore {
    const { regionLevel } = this.#description.scoring;
    const { frames } = this.turns.stream;
    const { score, appearance, motion, heatmap, grid } = scored;
    const peak = heatmap.reduce((worst, value, i) => (value > heatmap[worst]! ? i : worst), 0);
    const worst = heatmap[peak]! >= regionLevel ? peak : undefined;
    return {
      time,
      score,
      appearance,
      motion,
      regions: findRegions(heatmap, grid, regionLevel, this.#size),
      heatmap: { ...grid, data: heatmapBytes(heatmap, regionLevel) },
      timeScale: this.#timeScales.push(frames, worst),
      place: {
        x: ((peak % grid.width) + 0.5) / grid.width,
        y: (Math.floor(peak / grid.width) + 0.5) / grid.height,
      },
      look: lookAt(frames, peak, this.#description.configuration),
    };
  }
}

/** See {@link Heatmap}: bytes hold what is between nothing and twice the level of a region. */
function heatmapBytes(heatmap: Float32Array, regionLevel: number): Uint8Array {
  return new Uint8Array(
    Uint8ClampedArray.from(heatmap, (value) => (255 * value) / (2 * regionLevel)).buffer,
  );
}
