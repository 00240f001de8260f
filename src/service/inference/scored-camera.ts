import type { Detector } from '../../detector/detector.ts';
import type { Model } from '../../detector/model.ts';
import type { ModelDescription } from '../../detector/model-file.ts';
import type { Stream } from '../../detector/stream.ts';
import type { TurnTaker } from '../../detector/turns.ts';
import type { CellErrors } from '../../scoring/blocks.ts';
import { findRegions, worstRegions } from '../../scoring/heatmap.ts';
import { type PlaceMap, PlaceMapGatherer } from '../../scoring/regions/place-map.ts';
import { RegionScorer } from '../../scoring/regions/region-scorer.ts';
import { isUncounted, type PictureRegion, zoneAt } from '../../scoring/regions/regions.ts';
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

/** One camera in the inference process: its frames wait for turns, and what the model makes of them becomes scores. */
export class ScoredCamera implements TurnTaker {
  readonly detector: Detector;
  stream: Stream;
  readonly #description: ModelDescription;
  readonly #size: Size;
  readonly #listener: ScoredCameraListener;
  readonly #waiting: CameraFrame[] = [];
  readonly #timeScales: TimeScales;
  #regions: readonly PictureRegion[];
  #scorer: RegionScorer;
  /** Scores as if no region were drawn: what other regions would do follows from that. */
  #whole: StreamScorer;
  #placeMaps: PlaceMapGatherer;
  #time = 0;
  #stretch: number | undefined;

  /** @param size of the camera's own pictures, for the regions */
  constructor(
    { detector, description }: Model,
    {
      size,
      fps,
      regions,
    }: {
      readonly size: Size;
      readonly fps: number;
      readonly regions: readonly PictureRegion[];
    },
    listener: ScoredCameraListener,
  ) {
    this.detector = detector;
    this.#description = description;
    this.#size = size;
    this.#listener = listener;
    this.#timeScales = new TimeScales(description.configuration, fps);
    this.#regions = regions;
    this.stream = detector.open();
    const { statistics, scoring } = description;
    this.#scorer = new RegionScorer(statistics, scoring, regions);
    this.#whole = new StreamScorer(statistics, scoring);
    this.#placeMaps = new PlaceMapGatherer(statistics, scoring.window);
  }

  /** From the next frame on. */
  set regions(regions: readonly PictureRegion[]) {
    this.#regions = regions;
    this.#scorer.regions = regions;
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
      const { statistics, scoring } = this.#description;
      this.#scorer = new RegionScorer(statistics, scoring, this.#regions);
      this.#whole = new StreamScorer(statistics, scoring);
      this.#placeMaps = new PlaceMapGatherer(statistics, scoring.window);
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
    const { counted, seen } = this.#scorer.push(errors);
    const placeMap = this.#placeMapOf(errors, counted);
    return {
      ...this.#said(counted),
      ...(seen !== counted && { seen: this.#said(seen) }),
      ...(placeMap && { placeMap }),
    };
  }

  #placeMapOf(errors: CellErrors, counted: FrameScore): PlaceMap | undefined {
    const whole = this.#regions.some(isUncounted) ? this.#whole.push(errors) : counted;
    return this.#placeMaps.push(this.#time, errors, whole.score);
  }

  #said({ score, appearance, motion, heatmap, grid }: FrameScore): CameraScore {
    const { regionLevel } = this.#description.scoring;
    const peak = heatmap.reduce((worst, value, i) => (value > heatmap[worst]! ? i : worst), 0);
    const worst = heatmap[peak]! >= regionLevel ? peak : undefined;
    const place = {
      x: ((peak % grid.width) + 0.5) / grid.width,
      y: (Math.floor(peak / grid.width) + 0.5) / grid.height,
    };
    const regions = findRegions(heatmap, grid, regionLevel, this.#size);
    return {
      time: this.#time,
      score,
      appearance,
      motion,
      // An event says where it is, also where only all of it together is above the threshold.
      regions: regions.length > 0 ? regions : worstRegions(heatmap, grid, this.#size),
      heatmap: { ...grid, data: heatmapBytes(heatmap, regionLevel) },
      timeScale: this.#timeScales.push(this.stream.frames, worst),
      place,
      zone: zoneAt(this.#regions, place.x, place.y),
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
