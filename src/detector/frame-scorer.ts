import { Episodes } from '../scoring/alarm/episodes.ts';
import type { CellErrors } from '../scoring/blocks.ts';
import type { Calibration } from '../scoring/calibration.ts';
import { findRegions, type Region, worstRegions } from '../scoring/heatmap.ts';
import { RegionScorer } from '../scoring/regions/region-scorer.ts';
import { type PictureRegion, zoneAt } from '../scoring/regions/regions.ts';
import type { Frame, OriginalPicture, VideoSource } from '../video/frame.ts';

/** What is said of one frame of a video. */
export interface ScoredFrame {
  /** 0-based position in the video. */
  readonly frame: number;
  /** Seconds since the first frame. */
  readonly time: number;
  /** The larger of `appearance` and `motion`: about 0 on normal footage; larger is less normal. */
  readonly score: number;
  readonly appearance: number;
  readonly motion: number;
  readonly alarm: boolean;
  /** Where it is not normal, in pixels of the source, the worst first; above the threshold at least the worst place. */
  readonly regions: readonly Region[];
  /** Only where regions were given: the zone of the worst of `regions`; null where that lies in none. */
  readonly zone?: string | null;
  /** True where the picture could not be decoded and the one before stands in for it. */
  readonly corrupt: boolean;
  /**
   * True for the first frames of a video and after a gap, of which the model has seen too little: they
   * take the score of the next frame that has one, else of the last, and no alarm.
   */
  readonly warmUp: boolean;
  /** Only where the source was opened with `original: true`. */
  readonly original?: OriginalPicture;
}

/** Turns the errors of one camera's frames, in order, into what is said of them. */
export class FrameScorer {
  readonly #calibration: Calibration;
  readonly #source: VideoSource['source'];
  readonly #scorer: RegionScorer;
  readonly #regions: readonly PictureRegion[];
  readonly #alarms = new Episodes();

  constructor(
    calibration: Calibration,
    { source }: Pick<VideoSource, 'source'>,
    regions: readonly PictureRegion[] = [],
  ) {
    const { statistics, scoring } = calibration;
    this.#calibration = calibration;
    this.#source = source;
    this.#regions = regions;
    this.#scorer = new RegionScorer(statistics, scoring, regions);
  }

  score(frame: Frame, errors: CellErrors): ScoredFrame {
    const { score, appearance, motion, heatmap, grid } = this.#scorer.push(errors).counted;
    const { scoring, threshold } = this.#calibration;
    const time = 1000 * frame.time;
    this.#alarms.advance(time);
    const above = score > threshold.threshold;
    this.#alarms.push(time, above);
    const found = findRegions(heatmap, grid, scoring.regionLevel, this.#source);
    const regions = above && found.length === 0 ? worstRegions(heatmap, grid, this.#source) : found;
    return {
      ...placeOf(frame),
      warmUp: false,
      score,
      appearance,
      motion,
      alarm: this.#alarms.sounding,
      regions,
      ...(this.#regions.length > 0 && { zone: this.#zoneOf(regions[0]) }),
    };
  }

  #zoneOf(worst: Region | undefined): string | null {
    if (!worst) return null;
    const { width, height } = this.#source;
    const x = (worst.x + worst.width / 2) / width;
    return zoneAt(this.#regions, x, (worst.y + worst.height / 2) / height);
  }
}

/** What a frame is by itself, whatever it scores. */
export const placeOf = ({ index, time, corrupt, original }: Frame) => ({
  frame: index,
  time,
  corrupt,
  ...(original ? { original } : {}),
});
