import type { Model } from '../../detector/model.ts';
import type { ModelDescription } from '../../detector/model-file.ts';
import { TurnCamera } from '../../detector/turn-camera.ts';
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

/** Kept over breaks, after which the scene is as busy as before. */
interface Scorers {
  readonly counted: RegionScorer;
  /** Scores as if no region were drawn: what other regions would do follows from that. */
  readonly whole: StreamScorer;
  readonly places: PlaceMapGatherer;
}

/** One camera in the inference process: its frames wait for turns, and their errors become scores. */
export class ScoredCamera {
  readonly turns: TurnCamera<CameraFrame, Scorers>;
  readonly #description: ModelDescription;
  readonly #size: Size;
  readonly #waiting: CameraFrame[] = [];
  readonly #timeScales: TimeScales;
  readonly #scorers: Scorers;
  #regions: readonly PictureRegion[];

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
    const { statistics, scoring } = description;
    this.#description = description;
    this.#size = size;
    this.#timeScales = new TimeScales(description.configuration, fps);
    this.#regions = regions;
    const scorers = {
      counted: new RegionScorer(statistics, scoring, regions),
      whole: new StreamScorer(statistics, scoring),
      places: new PlaceMapGatherer(statistics, scoring),
    };
    this.#scorers = scorers;
    this.turns = new TurnCamera(detector, {
      next: () => this.#waiting.shift(),
      newScorer: () => {
        for (const scorer of Object.values(scorers)) scorer.interrupt();
        return scorers;
      },
      onErrors: ({ time }, errors) => listener.onAnswer(errors ? this.#score(time, errors) : null),
      onFailed: (error) => listener.onFailed(error),
    });
  }

  /** From the next frame on. */
  set regions(regions: readonly PictureRegion[]) {
    this.#regions = regions;
    this.#scorers.counted.regions = regions;
  }

  /** @throws RangeError where more frames come than may be unanswered: each must get one answer */
  push(frame: CameraFrame): void {
    if (this.#waiting.length === FRAMES_UNANSWERED)
      throw new RangeError(`more than ${FRAMES_UNANSWERED} frames are unanswered`);
    this.#waiting.push(frame);
  }

  #score(time: number, errors: CellErrors): CameraScore {
    const scorers = this.#scorers;
    const { counted, seen } = scorers.counted.push(errors);
    const whole = this.#regions.some(isUncounted) ? scorers.whole.push(errors) : counted;
    const placeMap: PlaceMap | undefined = scorers.places.push(time, errors, whole.score);
    return {
      ...this.#said(time, counted),
      ...(seen !== counted && { seen: this.#said(time, seen) }),
      ...(placeMap && { placeMap }),
    };
  }

  #said(time: number, { score, appearance, motion, heatmap, grid }: FrameScore): CameraScore {
    const { regionLevel } = this.#description.scoring;
    const { frames } = this.turns.stream;
    const peak = heatmap.reduce((worst, value, i) => (value > heatmap[worst]! ? i : worst), 0);
    const worst = heatmap[peak]! >= regionLevel ? peak : undefined;
    const place = {
      x: ((peak % grid.width) + 0.5) / grid.width,
      y: (Math.floor(peak / grid.width) + 0.5) / grid.height,
    };
    const regions = findRegions(heatmap, grid, regionLevel, this.#size);
    return {
      time,
      score,
      appearance,
      motion,
      // An event says where it is, also where only all of it together is above the threshold.
      regions: regions.length > 0 ? regions : worstRegions(heatmap, grid, this.#size),
      heatmap: { ...grid, data: heatmapBytes(heatmap, regionLevel) },
      timeScale: this.#timeScales.push(frames, worst),
      place,
      zone: zoneAt(this.#regions, place.x, place.y),
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
