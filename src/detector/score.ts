import { UserError } from '../errors.ts';
import type { Calibration } from '../scoring/calibration.ts';
import type { Frame, VideoSource } from '../video/frame.ts';
import type { Detector } from './detector.ts';
import { FrameScorer, placeOf, type ScoredFrame } from './frame-scorer.ts';

/**
 * Scores a video as it is read: one result a frame, in order. The frames of the warm-up take the
 * first computed score, without an alarm; they come as soon as it is there. What is held is bounded
 * by the model's clip and the detector's batch.
 * @param signal ends the work at the next frame, with its reason
 * @throws UserError when the video is over before the model has seen enough of it.
 */
export async function* scoreSource(
  detector: Pick<Detector, 'errors' | 'clipLength'>,
  calibration: Calibration,
  source: VideoSource,
  signal?: AbortSignal,
): AsyncGenerator<ScoredFrame> {
  const scorer = new FrameScorer(calibration, source);
  const waiting: Frame[] = [];
  async function* pictures() {
    for await (const frame of source) {
      signal?.throwIfAborted();
      waiting.push(frame);
      yield frame.data;
    }
  }
  signal?.throwIfAborted();
  let warmUp = 0;
  for await (const errors of detector.errors(pictures())) {
    if (!errors) {
      warmUp += 1;
      continue;
    }
    const early = waiting.splice(0, warmUp);
    warmUp = 0;
    const scored = scorer.score(waiting.shift()!, errors);
    for (const frame of early) yield { ...scored, ...placeOf(frame), warmUp: true, alarm: false };
    yield scored;
  }
  if (warmUp > 0) throw tooShort(source.name, warmUp, detector.clipLength);
}

/** That a clip has fewer frames than one score needs. */
export function tooShort(path: string, frames: number, needed: number): UserError {
  return new UserError(
    `${path}: has ${frames} frames, the model needs at least ${needed}; use longer footage`,
  );
}
