import { Episodes } from '../scoring/alarm/episodes.ts';
import type { CellErrors } from '../scoring/blocks.ts';
import type { Calibration } from '../scoring/calibration.ts';
import { findRegions, type Region } from '../scoring/heatmap.ts';
import { StreamScorer } from '../scoring/score.ts';
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
  /** Where it is not normal, in pixels of the source, the worst first. */
  readonly regions: readonly Region[];
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
  readonly #scorer: StreamScorer;
  readonly #alarms = new Episodes();

  constructor(calibration: Calibration, { source }: Pick<VideoSource, 'source'>) {
    const { statistics, scoring } = calibration;
    this.#calibration = calibration;
    this.#source = source;
    this.#scorer = new StreamScorer(statistics, scoring);
  }

  score(frame: Frame, errors: CellErrors): ScoredFrame {
    const { score, appearance, motion, heatmap, grid } = this.#scorer.push(errors);
    const { scoring, threshold } = this.#calibration;
    const time = 1000 * frame.time;
    this.#alarms.advance(time);
    this.#alarms.push(time, score > threshold.threshold);
    return {
      ...placeOf(frame),
      warmUp: false,
      score,
      appearance,
      motion,
      alarm: this.#alarms.sounding,
      regions: findRegions(heatmap, grid, scoring.regionLevel, this.#source),
    };
  }
}

/** What a frame is by itself, whatever it scores. */
export const placeOf = ({ index, time, corrupt, original }: Frame) => ({
  frame: index,
  time,
  corrupt,
  ...(original ? { original } : {}),
});
