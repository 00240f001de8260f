import { UserError } from '../errors.ts';
import { Alarm, holdFrames } from '../scoring/alarm.ts';
import type { Calibration } from '../scoring/calibration.ts';
import { findRegions, type Region } from '../scoring/heatmap.ts';
import { StreamScorer } from '../scoring/score.ts';
import type { Frame, OriginalPicture, VideoSource } from '../video/frame.ts';
import type { Detector } from './detector.ts';

/** What is said of one frame of a video. */
export interface ScoredFrame {
  /** 0-based position in the video. */
  readonly frame: number;
  /** Seconds since the first frame. */
  readonly time: number;
  /** `appearance + motion`, in deviations of held-out normal footage; larger is less normal. */
  readonly score: number;
  readonly appearance: number;
  readonly motion: number;
  readonly alarm: boolean;
  /** Where it is not normal, in pixels of the source, the worst first. */
  readonly regions: readonly Region[];
  /** True where the picture could not be decoded and the one before stands in for it. */
  readonly corrupt: boolean;
  /** Only where the source was opened with `original: true`. */
  readonly original?: OriginalPicture;
}

/**
 * Scores a video as it is read: one result a frame, in order. The frames of the warm-up take the
 * first computed score, without an alarm; they come as soon as it is there. What is held is bounded
 * by the model's clip and the detector's batch.
 * @throws UserError when the video is over before the model has seen enough of it.
 */
export async function* scoreSource(
  detector: Pick<Detector, 'errors' | 'clipLength'>,
  calibration: Calibration,
  source: VideoSource,
): AsyncGenerator<ScoredFrame> {
  const { statistics, scoring, threshold } = calibration;
  const scorer = new StreamScorer(statistics, scoring);
  const alarm = new Alarm(threshold.threshold, holdFrames(source.fps));
  const waiting: Frame[] = [];
  async function* pictures() {
    for await (const frame of source) {
      waiting.push(frame);
      yield frame.data;
    }
  }
  let warmUp = 0;
  for await (const errors of detector.errors(pictures())) {
    if (!errors) {
      warmUp += 1;
      continue;
    }
    const { score, appearance, motion, heatmap, grid } = scorer.push(errors);
    const regions = findRegions(heatmap, grid, scoring.regionLevel, source.source);
    const result = ({ index, time, corrupt, original }: Frame, alarmed: boolean): ScoredFrame => ({
      frame: index,
      time,
      score,
      appearance,
      motion,
      alarm: alarmed,
      regions,
      corrupt,
      ...(original ? { original } : {}),
    });
    for (; warmUp > 0; warmUp--) yield result(waiting.shift()!, false);
    yield result(waiting.shift()!, alarm.push(score));
  }
  if (warmUp > 0) throw tooShort(source.name, warmUp, detector.clipLength);
}

/** That a clip has fewer frames than one score needs. */
export function tooShort(path: string, frames: number, needed: number): UserError {
  return new UserError(
    `${path}: has ${frames} frames, the model needs at least ${needed}; use longer footage`,
  );
}
