import { z } from 'zod';
import { defaultGrouping, holdMilliseconds } from './alarm/episodes.ts';
import { alarmEpisodes } from './alarm/series.ts';
import { chiSquareQuantile } from './chi-square.ts';

/** Held-out normal footage without a break. */
export interface Stretch {
  readonly scores: ArrayLike<number>;
  readonly fps: number;
}

/** A threshold and how sure it is. Part of `model.json`. */
export const alarmThreshold = z.strictObject({
  /** There is an alarm where the score is above it. */
  threshold: z.number(),
  /** Alarms an hour it was made for. */
  budgetPerHour: z.number(),
  /** Alarms an hour by the estimates alone, without their confidence bounds: below the budget. */
  expectedAlarmsPerHour: z.number(),
  /** Confidence of each of the two bounds, on the rate and on the mean excess. */
  confidence: z.number(),
  heldOutHours: z.number(),
  /** Separate pieces that these hours are made of; models of earlier versions do not say. */
  pieces: z.int().positive().optional(),
  /** Episodes above `level`: what the tail was measured on. */
  episodes: z.int(),
  /** The level above which the tail was measured. */
  level: z.number(),
  /** Mean excess of the episodes' peaks over it: as estimated, and at its upper bound. */
  meanExcess: z.number().positive(),
  meanExcessBound: z.number().positive(),
});
export type AlarmThreshold = Readonly<z.infer<typeof alarmThreshold>>;

export interface BudgetOptions {
  /** Alarms an hour. */
  readonly budgetPerHour?: number;
  readonly confidence?: number;
}

/** Quantiles of the scores that may serve as the level, the highest first. */
const levelQuantiles = [0.999, 0.995, 0.99, 0.98, 0.95, 0.9, 0.8, 0.7];

/** The level is the highest with this many episodes: a mean excess is then known within a third. */
const wantedEpisodes = 30;

/**
 * The mean excess starts from a guess that weighs as many episodes as this: the deviation of all
 * the scores, which it would be if they were exponential, and which exceeds it where their tail is
 * thinner. Half a minute has two to six episodes; alone they would say next to nothing.
 */
const guessWeight = 5;

/**
 * Scores are sums of rarities, whose deviation on normal footage is about 1; footage in which
 * they hardly move must not give a tail that is thinner than a tenth of it.
 */
const smallestGuess = 0.1;

/**
 * The threshold that keeps the alarms on normal footage within a budget, by peaks over threshold
 * (Coles, An Introduction to Statistical Modeling of Extreme Values, 2001, chapter 4, with shape
 * 0): alarms above a high level come at a rate, the excess of their peaks is exponential, and the
 * tail is extrapolated to the budget. The rate (Poisson) and the mean excess (Gamma) are taken at
 * their upper one-sided confidence bounds, so little footage gives a high threshold and more
 * lowers it: after half a minute an hour's quiet can only be promised at a distance. Both bounds
 * hold together with at least `2 * confidence - 1`. A series that never moves has no episodes and
 * gets the thinnest tail. The threshold is never below the level, and falls as the budget grows.
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

/** What was measured of a tail, with the threshold that it gives for another budget. */
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
 * The highest level with enough alarms above it, counted as they are raised. Where footage is too
 * short for that, peaks that are a hold apart stand in: there are more of them, so the rate is an
 * upper bound. Where even these are few, the level with most.
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
