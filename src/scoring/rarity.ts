import { z } from 'zod';

/** Number of evenly spaced quantiles, from 0. */
const STEPS = 10;

/** Further quantiles, each used only with enough values beyond it, since consecutive frames are alike. */
const UPPER_SHARES = [0.99, 0.999] as const;
const FEWEST_BEYOND = 10;

/** Lower bound of the tail: with few frames of a still scene, any noise would otherwise be extremely rare. */
export const smallestTail = 0.05;

/**
 * Distribution of values on normal footage: the quantiles 0, 0.1 … 0.9, those at 0.99 and 0.999 where there
 * was enough footage, and the mean excess over the last one. Part of `model.json`.
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
 * Rarity of a value in nats, `-ln P - 1`, P being the share of normal values as large or larger. Beyond the
 * last quantile and between the upper ones, the tail is taken as exponential. On normal footage its mean
 * is about 0 and its deviation about 1, whatever the distribution of the values, even where nothing
 * happens most of the time and their mean and deviation would describe neither state.
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

/** Share of normal values below one that is at most the last quantile. */
function shareBelow(quantiles: readonly number[], value: number): number {
  // Hot: runs for many cells of every frame.
  let upper = 0;
  while (quantiles[upper]! < value) upper++;
  if (upper === 0) return 0;
  const lower = quantiles[upper - 1]!;
  return (upper - 1 + (value - lower) / (quantiles[upper]! - lower)) / STEPS;
}

const nats = (share: number): number => -Math.log(1 - share);
