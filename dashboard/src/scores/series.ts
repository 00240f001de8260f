import type { ScoreSeries } from '../../../src/service/contract/camera.ts';

/** Two columns as uPlot takes them: seconds since 1970, and scores with null at a gap. */
export type Columns = [times: number[], scores: (number | null)[]];

export const columnsOf = (series: ScoreSeries): Columns => [
  series.scores.map((_, k) => (series.from + k * series.step) / 1000),
  series.scores,
];

/**
 * Adds a live score to a series that ends now: into the span it falls in, of which the highest is
 * kept, or as a new one, for which the oldest leaves. A longer silence becomes gaps.
 */
export function withLive(series: ScoreSeries, time: number, score: number): ScoreSeries {
  const at = Math.floor((time - series.from) / series.step);
  const length = series.scores.length;
  if (at < 0 || !length) return series;
  if (at < length) {
    return {
      ...series,
      scores: series.scores.with(
        at,
        Math.max(score, series.scores[at] ?? Number.NEGATIVE_INFINITY),
      ),
    };
  }
  const more = at - length + 1;
  const gaps = Array<null>(Math.min(more, length) - 1).fill(null);
  return {
    ...series,
    from: series.from + more * series.step,
    scores: [...series.scores.slice(more), ...gaps, score],
  };
}
