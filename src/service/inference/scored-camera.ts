import type { Detector } from '../../detector/detector.ts';
import type { Model } from '../../detector/model.ts';
import type { ModelDescription } from '../../detector/model-file.ts';
import type { Stream } from '../../detector/stream.ts';
import type { TurnTaker } from '../../detector/turns.ts';
import type { CellErrors } from '../../scoring/blocks.ts';
import { findRegions } from '../../scoring/heatmap.ts';
import { StreamScorer } from '../../scoring/score.ts';
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

/** One camera in the inference process: its frames wait for turns, and what the model makes of them becomes scores. */
export class ScoredCamera implements TurnTaker {
  readonly detector: Detector;
  stream: Stream;
  readonly #description: ModelDescription;
  readonly #size: Size;
  readonly #listener: ScoredCameraListener;
  readonly #waiting: CameraFrame[] = [];
  readonly #timeScales: TimeScales;
  #scorer: StreamScorer;
  #time = 0;
  #stretch: number | undefined;

  /** @param size of the camera's own pictures, for the regions */
  constructor(
    { detector, description }: Model,
    { size, fps }: { readonly size: Size; readonly fps: number },
    listener: ScoredCameraListener,
  ) {
    this.detector = detector;
    this.#description = description;
    this.#size = size;
    this.#listener = listener;
    this.#timeScales = new TimeScales(description.configuration, fps);
    this.stream = detector.open();
    this.#scorer = new StreamScorer(description.statistics, description.scoring);
  }

  /** @throws RangeError where more frames come than may be unanswered: each must get one answer */
  push(frame: CameraFrame): void {
    if (this.#waiting.length === FRAMES_UNANSWERED)
      throw new RangeError(`more than ${FRAMES_UNANSWERED} frames are unanswered`);
    this.#waiting.push(frame);
  }

  take(): Uint8Array | undefined {
    const frame = this.#waiting.shift();
    if (!frame) return undefined;
    if (frame.stretch !== this.#stretch) {
      this.#stretch = frame.stretch;
      this.stream = this.detector.open();
      this.#scorer = new StreamScorer(this.#description.statistics, this.#description.scoring);
    }
    this.#time = frame.time;
    return frame.data;
  }

  give(errors: CellErrors | undefined): void {
    try {
      this.#listener.onAnswer(errors ? this.#score(errors) : null);
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error: unknown): void {
    this.#listener.onFailed(error);
  }

  #score(errors: CellErrors): CameraScore {
    const { regionLevel } = this.#description.scoring;
    const { score, appearance, motion, heatmap, grid } = this.#scorer.push(errors);
    const peak = heatmap.reduce((worst, value, i) => (value > heatmap[worst]! ? i : worst), 0);
    const worst = heatmap[peak]! >= regionLevel ? peak : undefined;
    return {
      time: this.#time,
      score,
      appearance,
      motion,
      regions: findRegions(heatmap, grid, regionLevel, this.#size),
      heatmap: { ...grid, data: heatmapBytes(heatmap, regionLevel) },
      timeScale: this.#timeScales.push(this.stream.frames, worst),
      place: {
        x: ((peak % grid.width) + 0.5) / grid.width,
        y: (Math.floor(peak / grid.width) + 0.5) / grid.height,
      },
      look: lookAt(this.stream.frames, peak, this.#description.configuration),
    };
  }
}

/** See {@link Heatmap}: bytes hold what is between nothing and twice the level of a region. */
function heatmapBytes(heatmap: Float32Array, regionLevel: number): Uint8Array {
  return new Uint8Array(
    Uint8ClampedArray.from(heatmap, (value) => (255 * value) / (2 * regionLevel)).buffer,
  );
}
