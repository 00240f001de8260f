import { type NormalSpread, smallestTail } from '../rarity.ts';

/** Values of a sketch. A tenth of them make a tail. */
const SIZE = 48;

/**
 * How values were spread, as the means of equal shares of them, the smallest first. The mean of all,
 * and that of a tail, stay what they were.
 */
export type Sketch = readonly number[];

/** @param values at least one */
export function sketchOf(values: readonly number[]): Sketch {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length <= SIZE) return [...sorted];
  return Array.from({ length: SIZE }, (_, i) => {
    const from = Math.floor((i * sorted.length) / SIZE);
    const to = Math.floor(((i + 1) * sorted.length) / SIZE);
    let sum = 0;
    for (let at = from; at < to; at++) sum += sorted[at]!;
    return sum / (to - from);
  });
}

/** A spread as a sketch: its quantiles, and an exponential tail. */
export function sketchOfSpread({ quantiles, tail }: NormalSpread): Sketch {
  return Array.from({ length: SIZE }, (_, i) => {
    const share = (i + 0.5) / SIZE;
    const at = share * quantiles.length;
    const lower = Math.floor(at);
    const [from, to] = [quantiles[lower]!, quantiles[lower + 1]];
    if (to === undefined) return from - tail * Math.log(quantiles.length * (1 - share));
    return from + (at - lower) * (to - from);
  });
}

/** A sketch, and how much all of it counts. */
export interface Weighted {
  readonly values: Sketch;
  readonly weight: number;
}

/**
 * The spread of a mixture: quantiles and mean excess as `spreadOf` takes them from values.
 * @param count of the quantiles
 * @throws RangeError where there are no values.
 */
export function mixedSpread(parts: readonly Weighted[], count: number): NormalSpread {
  const points = parts.flatMap(({ values, weight }) =>
    values.map((value) => ({ value, weight: weight / values.length })),
  );
  if (points.length === 0) throw new RangeError('the spread of no values');
  points.sort((a, b) => a.value - b.value);
  const total = points.reduce((sum, { weight }) => sum + weight, 0);
  const quantiles: number[] = [];
  let below = 0;
  let at = 0;
  for (let i = 0; i < count; i++) {
    while (at < points.length - 1 && below + points[at]!.weight <= (i / count) * total)
      below += points[at++]!.weight;
    quantiles.push(points[at]!.value);
  }
  const level = quantiles.at(-1)!;
  let excess = 0;
  let above = 0;
  for (const { value, weight } of points)
    if (value > level) {
      excess += weight * (value - level);
      above += weight;
    }
  return { quantiles, tail: Math.max(smallestTail, above > 0 ? excess / above : 0) };
}
