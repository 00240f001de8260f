import { z } from 'zod';

/** Shares of the normal values at which the quantiles are taken. */
const STEPS = 10;

/** The tail begins above this share of the normal values. */
const TAIL_SHARE = (STEPS - 1) / STEPS;

/** A few frames of a still scene may hardly differ; without a floor the least noise would be the rarest of all. */
export const smallestTail = 0.05;

/**
 * How values are spread on normal footage: the quantiles 0, 0.1 … 0.9, and the mean excess over the
 * last of them. Part of `model.json`.
 */
export const normalSpread = z.strictObject({
  quantiles: z.array(z.number()).length(STEPS).readonly(),
  tail: z.number().positive(),
});
export type NormalSpread = Readonly<z.infer<typeof normalSpread>>;

/** @throws RangeError where there are no values. */
export function spreadOf(values: readonly number[]): NormalSpread {
  if (values.length === 0) throw new RangeError('the spread of no values');
  const sorted = Float64Array.from(values).sort();
  const quantiles = Array.from(
    { length: STEPS },
    (_, i) => sorted[Math.floor((i / STEPS) * (sorted.length - 1))]!,
  );
  const level = quantiles.at(-1)!;
  const above = sorted.filter((value) => value > level);
  const excess = above.reduce((sum, value) => sum + value - level, 0);
  return { quantiles, tail: Math.max(smallestTail, excess / Math.max(1, above.length)) };
}

/**
 * How rare it is on normal footage that a value is as large or larger, in nats: `-ln P - 1`. Above the
 * last quantile the tail is taken as exponential. On normal footage the mean of it is about 0, and its
 * deviation about 1 if the tail is like that, whatever the spread of the values: also where nothing
 * happens for most of the time, and mean and deviation of the values would tell of neither the quiet
 * nor of what does happen.
 */
export function rarity({ quantiles, tail }: NormalSpread, value: number): number {
  const level = quantiles.at(-1)!;
  if (value > level) return -Math.log(1 - TAIL_SHARE) + (value - level) / tail - 1;
  const upper = quantiles.findIndex((quantile) => quantile >= value);
  if (upper === 0) return -1;
  const lower = quantiles[upper - 1]!;
  const share = (upper - 1 + (value - lower) / (quantiles[upper]! - lower)) / STEPS;
  return -Math.log(1 - share) - 1;
}
