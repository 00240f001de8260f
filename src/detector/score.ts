import { UserError } from '../errors.ts';
import type { Calibration } from '../scoring/calibration.ts';
import type { PictureRegion } from '../scoring/regions/regions.ts';
import type { Frame, VideoSource } from '../video/frame.ts';
import { stretches } from '../video/stretches.ts';
import type { Detector } from './detector.ts';
import { FrameScorer, placeOf, type ScoredFrame } from './frame-scorer.ts';

export interface ScoringOptions {
  readonly signal?: AbortSignal | undefined;
  /** Parts of the picture that do not count, or whose name is given with what happens in them. */
  readonly regions?: readonly PictureRegion[] | undefined;
}

/**
 * Scores a video as it is read: one result a frame, in order. The frames of the warm-up take the
 * first computed score, without an alarm; they come as soon as it is there. After a gap everything
 * begins again. What is held is bounded by the model's clip and the detector's batch.
 * @param options.signal ends the work at the next frame, with its reason
 * @throws UserError when the video is over before the model has seen enough of it.
 */
export async function* scoreSource(
  detector: Pick<Detector, 'errors' | 'clipLength'>,
  calibration: Calibration,
  source: VideoSource,
  { signal, regions }: ScoringOptions = {},
): AsyncGenerator<ScoredFrame> {
  signal?.throwIfAborted();
  /** Frames of warm-ups, which wait for a score. */
  let early: Frame[] = [];
  let last: ScoredFrame | undefined;
  for await (const stretch of stretches(source)) {
    const scorer = new FrameScorer(calibration, source, regions);
    const waiting: Frame[] = [];
    async function* pictures() {
      for await (const frame of stretch) {
        signal?.throwIfAborted();
        waiting.push(frame);
        yield frame.data;
      }
    }
    for await (const errors of detector.errors(pictures())) {
      const frame = waiting.shift()!;
      if (!errors) {
        early.push(frame);
        continue;
      }
      last = scorer.score(frame, errors);
      for (const before of early) yield asWarmUp(before, last);
      early = [];
      yield last;
    }
  }
  if (early.length === 0) return;
  if (!last) throw tooShort(source.name, early.length, detector.clipLength);
  // What comes after a gap is shorter than a warm-up.
  for (const frame of early) yield asWarmUp(frame, last);
}

/** A frame of a warm-up with the score of another. */
function asWarmUp(frame: Frame, scored: ScoredFrame): ScoredFrame {
  return { ...scored, ...placeOf(frame), warmUp: true, alarm: false };
}

/** That a clip has fewer frames than one score needs. */
export function tooShort(path: string, frames: number, needed: number): UserError {
  return new UserError(
    `${path}: has ${frames} frames, the model needs at least ${needed}; use longer footage`,
  );
}
