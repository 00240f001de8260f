import { z } from 'zod';

/** Shares of the normal values at which the quantiles are taken. */
const STEPS = 10;

/** And above them, each where so many values lie beyond it: frames that follow each other are alike. */
const UPPER_SHARES = [0.99, 0.999] as const;
const FEWEST_BEYOND = 10;

/** A few frames of a still scene may hardly differ; without a floor the least noise would be the rarest of all. */
export const smallestTail = 0.05;

/**
 * How values are spread on normal footage: the quantiles 0, 0.1 … 0.9, those at 0.99 and 0.999 as far as
 * there was footage for them, and the mean excess over the last of all. Part of `model.json`.
 */
export const normalSpread = z.strictObject({
  quantiles: z.array(z.number()).length(STEPS).readonly(),
  upper: z.array(z.number()).max(UPPER_SHARES.length).readonly().optional(),
  tail: z.number().positive(),
});
export type NormalSpread = Readonly<z.infer<typeof normalSpread>>;

/** @throws RangeError where there are no values. */
export function spreadOf(values: readonly number[]): NormalSpread {
  if (values.length === 0) throw new RangeError('the spread of no values');
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!;
  const quantiles = Array.from({ length: STEPS }, (_, i) => at(i / STEPS));
  let level = quantiles.at(-1)!;
  let rare = nats(1 - 1 / STEPS);
  const upper: number[] = [];
  for (const share of UPPER_SHARES) {
    if ((1 - share) * sorted.length < FEWEST_BEYOND) break;
    level = Math.max(at(share), level + smallestTail * (nats(share) - rare));
    rare = nats(share);
    upper.push(level);
  }
  const above = sorted.filter((value) => value > level);
  const excess = above.reduce((sum, value) => sum + value - level, 0);
  const tail = Math.max(smallestTail, excess / Math.max(1, above.length));
  return { quantiles, ...(upper.length > 0 && { upper }), tail };
}

/**
 * How rare it is on normal footage that a value is as large or larger, in nats: `-ln P - 1`. Beyond the
 * last quantile the tail is taken as exponential, and so it is between two of the upper ones. On normal
 * footage the mean of it is about 0, and its deviation about 1, whatever the spread of the values: also
 * where nothing happens for most of the time, and mean and deviation of the values would tell of neither
 * the quiet nor of what does happen.
 */
export function rarity({ quantiles, upper = [], tail }: NormalSpread, value: number): number {
  let level = quantiles.at(-1)!;
  if (value <= level) return nats(shareBelow(quantiles, value)) - 1;
  let rare = nats(1 - 1 / STEPS);
  for (const [i, next] of upper.entries()) {
    const rarer = nats(UPPER_SHARES[i]!);
    if (value <= next) return rare + ((value - level) / (next - level)) * (rarer - rare) - 1;
    [level, rare] = [next, rarer];
  }
  return rare + (value - level) / tail - 1;
}

/**
 * The spread between two that have quantiles at the same shares: `share` 0 is the first, 1 the second.
 * @throws RangeError where their quantiles are not at the same shares.
 */
export function interpolatedSpread(
  from: NormalSpread,
  to: NormalSpread,
  share: number,
): NormalSpread {
  const mix = (a: number, b: number) => (1 - share) * a + share * b;
  if (from.upper?.length !== to.upper?.length)
    throw new RangeError('spreads of quantiles at different shares');
  return {
    quantiles: from.quantiles.map((value, i) => mix(value, to.quantiles[i]!)),
    ...(from.upper && { upper: from.upper.map((value, i) => mix(value, to.upper![i]!)) }),
    tail: mix(from.tail, to.tail),
  };
}

/** The rarity of what every normal value reaches. */
export const smallestRarity = -1;

/** A value up to which the rarity is below 0, which takes a share of 1 - 1/e. */
export const ordinaryLevel = ({ quantiles }: NormalSpread): number =>
  quantiles[Math.floor(STEPS * (1 - 1 / Math.E))]!;

/** Of normal values; at most that of the last quantile. */
function shareBelow(quantiles: readonly number[], value: number): number {
  // Called for every cell of every frame, where findIndex was the slowest part.
  let upper = 0;
  while (quantiles[upper]! < value) upper++;
  if (upper === 0) return 0;
  const lower = quantiles[upper - 1]!;
  return (upper - 1 + (value - lower) / (quantiles[upper]! - lower)) / STEPS;
}

const nats = (share: number): number => -Math.log(1 - share);
