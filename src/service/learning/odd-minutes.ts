import type { Segment } from '../../training/hold-out.ts';
import type { LearningJob } from '../parts.ts';
import { type FootageClip, timeOf } from './footage.ts';

/** Deviations above the middle from which a minute is odd. */
const ODD_DEVIATIONS = 6;

/** Standard deviation of a normal distribution over its median absolute deviation. */
const NORMAL_OVER_MAD = 1.4826;

/** Scores of normal frames vary by about one: minutes that hardly differ must not make each other odd. */
const LEAST_MAD = 0.25;

/** At most one minute in this many is odd: anything more frequent is normal here. */
const MINUTES_AN_ODD_ONE = 20;

/** The worst of a span of footage. */
export interface ScoredSpan extends Segment {
  readonly peak: number;
  /** Of the clip, where the peak is. */
  readonly peakFrame: number;
}

/** Cuts clips into equal spans of about the wanted seconds. */
export function spansOf(
  clips: readonly { readonly frames: number; readonly fps: number }[],
  seconds: number,
): Segment[] {
  return clips.flatMap(({ frames, fps }, clip) => {
    const count = Math.max(1, Math.round(frames / (fps * seconds)));
    const cut = (at: number) => Math.round((at * frames) / count);
    return Array.from({ length: count }, (_, i) => ({ clip, start: cut(i), end: cut(i + 1) }));
  });
}

/** Of spans with more frames than that in all, some that are spread evenly. */
export function spreadSpans(spans: readonly Segment[], frames: number): Segment[] {
  const total = spans.reduce((sum, { start, end }) => sum + end - start, 0);
  if (total <= frames) return [...spans];
  const count = Math.max(1, Math.floor((spans.length * frames) / total));
  return Array.from(
    { length: count },
    (_, i) => spans[Math.floor(((i + 0.5) * spans.length) / count)]!,
  );
}

/** Whether a person said that what is in a span is normal. */
export function isConfirmed(
  { clip, start, end }: Segment,
  clips: readonly Pick<FootageClip, 'from' | 'fps'>[],
  confirmed: LearningJob['confirmed'],
): boolean {
  const footage = clips[clip]!;
  return confirmed.some(
    ({ from, to }) => from < timeOf(footage, end) && to > timeOf(footage, start),
  );
}

/**
 * The spans whose peak is far above that of the others, by their median and its absolute deviation,
 * which a few odd ones do not move; the worst first, at most a twentieth of all.
 */
export function oddSpans(spans: readonly ScoredSpan[]): ScoredSpan[] {
  const middle = median(spans.map(({ peak }) => peak));
  const deviation = median(spans.map(({ peak }) => Math.abs(peak - middle)));
  const level = middle + ODD_DEVIATIONS * NORMAL_OVER_MAD * Math.max(LEAST_MAD, deviation);
  return spans
    .filter(({ peak }) => peak > level)
    .sort((a, b) => b.peak - a.peak)
    .slice(0, Math.floor(spans.length / MINUTES_AN_ODD_ONE));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/**
 * What is left of segments without some others.
 * @param shortest frames below which a piece is left out, too
 */
export function segmentsWithout(
  segments: readonly Segment[],
  others: readonly Segment[],
  shortest: number,
): Segment[] {
  let left = [...segments];
  for (const { clip, start, end } of others)
    left = left.flatMap((piece) =>
      piece.clip === clip && piece.start < end && start < piece.end
        ? [
            { ...piece, end: Math.max(piece.start, start) },
            { ...piece, start: Math.min(end, piece.end) },
          ]
        : [piece],
    );
  return left.filter(({ start, end }) => end - start >= shortest);
}
