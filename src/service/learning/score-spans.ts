import { clipFrames } from '../../datasets/clip-frames.ts';
import type { Detector } from '../../detector/detector.ts';
import type { Model } from '../../detector/model.ts';
import type { ModelDescription } from '../../detector/model-file.ts';
import { RegionScorer } from '../../scoring/regions/region-scorer.ts';
import type { PictureRegion } from '../../scoring/regions/regions.ts';
import type { Segment } from '../../training/hold-out.ts';
import type { FootageClip } from './footage.ts';
import type { ScoredSpan } from './odd-minutes.ts';

/** The highest score of each span; those without one are left out. */
export async function scoreSpans(
  { detector, description }: Pick<Model, 'detector' | 'description'>,
  clips: readonly FootageClip[],
  spans: readonly Segment[],
  regions: readonly PictureRegion[] = [],
  onScored?: (done: number) => void,
): Promise<ScoredSpan[]> {
  const scored: ScoredSpan[] = [];
  let done = 0;
  for (const span of spans) {
    let peak = Number.NEGATIVE_INFINITY;
    let peakFrame = -1;
    for await (const [frame, score] of scores(
      detector,
      description,
      clips[span.clip]!,
      span,
      regions,
    )) {
      if (score > peak) [peak, peakFrame] = [score, frame];
    }
    if (peakFrame >= 0) scored.push({ ...span, peak, peakFrame });
    onScored?.((done += span.end - span.start));
  }
  return scored;
}

/** The frames of a span with their scores, which the frames before it have warmed up, where there are any. */
async function* scores(
  detector: Detector,
  { statistics, scoring }: ModelDescription,
  clip: FootageClip,
  { start, end }: Segment,
  regions: readonly PictureRegion[],
): AsyncGenerator<readonly [frame: number, score: number]> {
  const scorer = new RegionScorer(statistics, scoring, regions);
  let frame = Math.max(0, start - (detector.clipLength - 1) - (scoring.window - 1));
  for await (const errors of detector.errors(clipFrames(clip, frame, end))) {
    const score = errors && scorer.push(errors).counted.score;
    if (score !== undefined && frame >= start) yield [frame, score];
    frame += 1;
  }
}
