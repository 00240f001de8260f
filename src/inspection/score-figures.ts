import type { ScoreFigures } from './inspection.ts';

/** Rarities of each map of the score, one value a frame. */
export type RaritySeries = Readonly<Record<string, readonly number[]>>;

/** What each map contributes to the score, and which say the same. */
export const scoreFigures = (series: RaritySeries): ScoreFigures => ({
  shares: sharesOfVariance(series),
  correlation: correlations(series),
});

/** The share of each map in the variance of their sum; the shares sum to 1. */
function sharesOfVariance(series: RaritySeries): Record<string, number> {
  const all = Object.values(series);
  const total =
    all[0]?.map((_, frame) => all.reduce((sum, values) => sum + values[frame]!, 0)) ?? [];
  const variance = covariance(total, total);
  return Object.fromEntries(
    Object.entries(series).map(([name, values]) => [
      name,
      variance > 0 ? covariance(values, total) / variance : 0,
    ]),
  );
}

/** Pearson's correlation of each pair of maps, as `appearance-motion`. */
function correlations(series: RaritySeries): Record<string, number> {
  const entries = Object.entries(series);
  return Object.fromEntries(
    entries.flatMap(([name, values], i) =>
      entries.slice(i + 1).map(([other, others]) => {
        const deviations = Math.sqrt(covariance(values, values) * covariance(others, others));
        return [`${name}-${other}`, deviations > 0 ? covariance(values, others) / deviations : 0];
      }),
    ),
  );
}

function covariance(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const [meanA, meanB] = [mean(a), mean(b)];
  return mean(a.map((value, i) => (value - meanA) * (b[i]! - meanB)));
}
