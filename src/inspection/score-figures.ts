import { UnknownCase } from '../errors.ts';
import type { Combination } from '../scoring/combination.ts';
import type { ScoreFigures } from './inspection.ts';

/** Rarities of each map of the score, one value a frame. */
export type RaritySeries = Readonly<Record<string, readonly number[]>>;

/** What each map contributes to the score, and which say the same. */
export const scoreFigures = (series: RaritySeries, combination: Combination): ScoreFigures => ({
  shares: sharesOf(series, combination),
  correlation: correlations(series),
});

function sharesOf(series: RaritySeries, combination: Combination): Record<string, number> {
  switch (combination) {
    case 'sum':
      return sharesOfVariance(series);
    case 'largest':
      return sharesOfFrames(series);
    default:
      throw new UnknownCase(combination satisfies never);
  }
}

/** The share of frames in which each map is the largest; the shares sum to 1. */
function sharesOfFrames(series: RaritySeries): Record<string, number> {
  const maps = Object.entries(series);
  const frames = maps[0]?.[1].length ?? 0;
  const led = new Map(maps.map(([name]) => [name, 0]));
  for (let frame = 0; frame < frames; frame++) {
    const [first] = maps.toSorted(([, a], [, b]) => b[frame]! - a[frame]!);
    led.set(first![0], led.get(first![0])! + 1 / frames);
  }
  return Object.fromEntries(led);
}

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
