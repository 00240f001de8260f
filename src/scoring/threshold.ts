import { z } from 'zod';
import { defaultGrouping, holdMilliseconds } from './alarm/episodes.ts';
import { alarmEpisodes } from './alarm/series.ts';
import { chiSquareQuantile } from './chi-square.ts';

/** Held-out normal footage without a break. */
export interface Stretch {
  readonly scores: ArrayLike<number>;
  readonly fps: number;
}

/** A threshold and its confidence. Part of `model.json`. */
export const alarmThreshold = z.strictObject({
  /** Scores above it raise an alarm. */
  threshold: z.number(),
  /** Alarm budget per hour. */
  budgetPerHour: z.number(),
  /** Alarms an hour by the point estimates, without confidence bounds: below the budget. */
  expectedAlarmsPerHour: z.number(),
  /** Confidence of each of the two bounds: on the rate, and on the mean excess. */
  confidence: z.number(),
  heldOutHours: z.number(),
  /** Separate pieces that make up these hours; missing in models of earlier versions. */
  pieces: z.int().positive().optional(),
  /** Episodes above `level`, from which the tail was estimated. */
  episodes: z.int(),
  /** Start of the tail. */
  level: z.number(),
  /** Mean excess of the episodes' peaks over it: point estimate and upper bound. */
  meanExcess: z.number().positive(),
  meanExcessBound: z.number().positive(),
});
export type AlarmThreshold = Readonly<z.infer<typeof alarmThreshold>>;

export interface BudgetOptions {
  /** Alarms an hour. */
  readonly budgetPerHour?: number;
  readonly confidence?: number;
}

/** Candidate quantiles for the level, the highest first. */
const levelQuantiles = [0.999, 0.995, 0.99, 0.98, 0.95, 0.9, 0.8, 0.7];

/** The highest level with this many episodes is used: enough to know the mean excess within a third. */
const wantedEpisodes = 30;

/**
 * Weight, in episodes, of the prior for the mean excess: the standard deviation of all scores. It is the
 * mean excess of an exponential, and an overestimate for thinner tails. Half a minute has two to six
 * episodes, too few to estimate from alone.
 */
const guessWeight = 5;

/**
 * Lower bound on that prior. Rarities have a deviation of about 1 on normal footage; footage whose scores
 * hardly change must not give an almost empty tail.
 */
const smallestGuess = 0.1;

/**
 * The threshold that keeps alarms on normal footage within a budget, by peaks over threshold (Coles, An
 * Introduction to Statistical Modeling of Extreme Values, 2001, chapter 4, with shape 0): alarms above a
 * high level occur at a rate, the excess of their peaks is exponential, and the tail is extrapolated to
 * the budget. The rate (Poisson) and the mean excess (Gamma) are taken at their upper one-sided
 * confidence bounds, so little footage gives a high threshold and more footage lowers it. Both bounds
 * hold together with at least `2 * confidence - 1`. A constant series has no episodes and gets the
 * thinnest tail. The threshold is never below the level, and falls as the budget grows.
 * @throws RangeError where there are no scores, one is not finite, or the options make no sense.
 */
export function budgetThreshold(
  stretches: readonly Stretch[],
  options: BudgetOptions = {},
): AlarmThreshold {
  const { budgetPerHour = 1, confidence = 0.95 } = options;
  if (!(budgetPerHour > 0) || !(confidence > 0.5 && confidence < 1))
    throw new RangeError(`a budget of ${budgetPerHour} alarms an hour at ${confidence} confidence`);
  const heldOutHours = stretches.reduce((sum, s) => sum + s.scores.length / s.fps / 3600, 0);
  const { level, excesses, deviation } = tail(stretches);
  const episodes = excesses.length;

  const weight = episodes + guessWeight;
  const sum = excesses.reduce((a, b) => a + b, guessWeight * Math.max(smallestGuess, deviation));
  const meanExcess = sum / weight;
  const meanExcessBound = (2 * sum) / chiSquareQuantile(1 - confidence, 2 * weight);

  const pieces = stretches.length;
  const measured = {
    confidence,
    heldOutHours,
    pieces,
    episodes,
    level,
    meanExcess,
    meanExcessBound,
  };
  return atBudget(measured, budgetPerHour);
}

/** The threshold for another budget, from the same measured tail. */
export function atBudget(
  measured: Omit<AlarmThreshold, 'threshold' | 'budgetPerHour' | 'expectedAlarmsPerHour'>,
  budgetPerHour: number,
): AlarmThreshold {
  const { heldOutHours, episodes, level, meanExcess, meanExcessBound } = measured;
  const excess = Math.max(0, Math.log(rateBound(measured) / budgetPerHour));
  const threshold = level + meanExcessBound * excess;
  const expected = (episodes / heldOutHours) * Math.exp(-(threshold - level) / meanExcess);
  return { ...measured, threshold, budgetPerHour, expectedAlarmsPerHour: expected };
}

/** Upper bound on the episodes an hour above the level. */
export function rateBound({
  confidence,
  episodes,
  heldOutHours,
}: Pick<AlarmThreshold, 'confidence' | 'episodes' | 'heldOutHours'>): number {
  return chiSquareQuantile(confidence, 2 * episodes + 2) / 2 / heldOutHours;
}

interface Tail {
  readonly level: number;
  readonly excesses: readonly number[];
}

/**
 * The tail above the highest level with enough alarms, grouped as they are raised. For shorter footage,
 * peaks a hold apart are counted instead: there are more of them, so the rate is an upper bound. If even
 * these are too few, the level with most of them is used.
 */
function tail(stretches: readonly Stretch[]): Tail & { readonly deviation: number } {
  const sorted = Float64Array.from(stretches.flatMap((s) => Array.from(s.scores))).sort();
  if (sorted.length === 0) throw new RangeError('an alarm threshold of no scores');
  if (!Number.isFinite(sorted[0]! + sorted.at(-1)!))
    throw new RangeError('an alarm threshold of scores that are not finite');
  const mean = sorted.reduce((a, b) => a + b, 0) / sorted.length;
  const deviation = Math.sqrt(sorted.reduce((a, b) => a + (b - mean) ** 2, 0) / sorted.length);
  let best: Tail | undefined;
  for (const grouping of [defaultGrouping, holdMilliseconds])
    for (const quantile of levelQuantiles) {
      const level = sorted[Math.floor(quantile * (sorted.length - 1))]!;
      const excesses = stretches.flatMap((stretch) =>
        alarmEpisodes(stretch.scores, level, { fps: stretch.fps, grouping }).map(
          (episode) => episode.peak - level,
        ),
      );
      if (best === undefined || excesses.length > best.excesses.length) best = { level, excesses };
      if (excesses.length >= wantedEpisodes) return { ...best, deviation };
    }
  return { ...best!, deviation };
}
