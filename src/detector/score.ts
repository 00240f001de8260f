import { UserError } from '../errors.ts';
import type { Calibration } from '../scoring/calibration.ts';
import type { Frame, VideoSource } from '../video/frame.ts';
import type { Detector } from './detector.ts';
import { FrameScorer, placeOf, type ScoredFrame } from './frame-scorer.ts';

/**
 * Scores a video as it is read: one result a frame, in order. The frames of the warm-up take the
 * first computed score, without an alarm; they come as soon as it is there. After a gap everything
 * begins again. What is held is bounded by the model's clip and the detector's batch.
 * @throws UserError when the video is over before the model has seen enough of it.
 */
export async function* scoreSource(
  detector: Pick<Detector, 'errors' | 'clipLength'>,
  calibration: Calibration,
  source: VideoSource,
): AsyncGenerator<ScoredFrame> {
  /** Frames of warm-ups, which wait for a score. */
  let early: Frame[] = [];
  let last: ScoredFrame | undefined;
  for await (const stretch of stretches(source)) {
    const scorer = new FrameScorer(calibration, source);
    const waiting: Frame[] = [];
    async function* pictures() {
      for await (const frame of stretch) {
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
      for (const before of early) yield { ...last, ...placeOf(before), alarm: false };
      early = [];
      yield last;
    }
  }
  if (early.length === 0) return;
  if (!last) throw tooShort(source.name, early.length, detector.clipLength);
  // What comes after a gap is shorter than a warm-up.
  for (const frame of early) yield { ...last, ...placeOf(frame), alarm: false };
}

/** The frames of a source, divided at its gaps; each stretch is to be read to its end before the next. */
async function* stretches(frames: AsyncIterable<Frame>): AsyncGenerator<AsyncGenerator<Frame>> {
  const iterator = frames[Symbol.asyncIterator]();
  let next = await iterator.next();
  async function* rest(stretch: number | undefined) {
    while (!next.done && next.value.stretch === stretch) {
      yield next.value;
      next = await iterator.next();
    }
  }
  try {
    while (!next.done) yield rest(next.value.stretch);
  } finally {
    await iterator.return?.();
  }
}

/** That a clip has fewer frames than one score needs. */
export function tooShort(path: string, frames: number, needed: number): UserError {
  return new UserError(
    `${path}: has ${frames} frames, the model needs at least ${needed}; use longer footage`,
  );
}
