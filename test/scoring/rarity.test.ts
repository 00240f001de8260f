import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/nn/random.ts';
import { rarity, smallestTail, spreadOf } from '../../src/scoring/rarity.ts';

/** Draws of distributions that are continuous; the last two as at a camera where mostly nothing happens. */
const distributions: Readonly<Record<string, (random: Random) => number>> = {
  normal: (random) => random.normal(),
  uniform: (random) => random.uniform(),
  exponential: (random) => -Math.log(1 - random.uniform()),
  'seven of ten quiet': humps(0.7),
  'nineteen of twenty quiet': humps(0.95),
};

function humps(quiet: number) {
  return (random: Random): number =>
    random.uniform() < quiet ? -60 + 0.5 * random.uniform() : -30 + 5 * random.normal();
}

function moments(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(square) };
}

describe('rarity', () => {
  it('is -ln P - 1 at the quantiles, and grows by 1 with every mean excess above them', () => {
    const spread = { quantiles: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], tail: 0.5 };
    const P = (value: number) => Math.exp(-rarity(spread, value) - 1);
    for (let i = 0; i < 10; i++) expect(P(i)).toBeCloseTo(1 - i / 10, 9);
    expect(P(2.5)).toBeCloseTo(0.75, 9);
    expect(P(-7)).toBe(1);
    expect(rarity(spread, 10) - rarity(spread, 9.5)).toBeCloseTo(1, 9);
    expect(rarity(spread, 9.5) - rarity(spread, 9)).toBeCloseTo(1, 9);
  });

  it('is exponential between the quantiles at 0.99 and 0.999 as well, and beyond them', () => {
    const quantiles = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    const spread = { quantiles, upper: [11, 12], tail: 3 };
    const P = (value: number) => Math.exp(-rarity(spread, value) - 1);
    expect(P(9)).toBeCloseTo(0.1, 9);
    expect(P(10)).toBeCloseTo(Math.sqrt(0.1 * 0.01), 9);
    expect(P(11)).toBeCloseTo(0.01, 9);
    expect(P(12)).toBeCloseTo(0.001, 9);
    expect(P(15)).toBeCloseTo(0.001 / Math.E, 9);
  });

  it('takes upper quantiles where at least ten values lie beyond them', () => {
    const upTo = (count: number) => spreadOf(Array.from({ length: count }, (_, i) => i));
    expect(upTo(999).upper).toBeUndefined();
    expect(upTo(1000).upper).toEqual([989]);
    expect(upTo(10_000).upper).toEqual([9899, 9989]);
    expect(upTo(10_000).tail).toBeCloseTo(5.5, 9);
  });

  it('finds nothing rare in the noise of a still scene', () => {
    const still = spreadOf(new Array<number>(20_000).fill(-60));
    expect(rarity(still, -60 + smallestTail)).toBeLessThan(2.4);
  });

  it('never falls as the value grows, and is never below -1, whatever it was made from', () => {
    const value = fc.oneof(
      fc.integer({ min: -3, max: 3 }), // ties
      fc.double({ min: -60, max: 10, noNaN: true }),
    );
    const values = fc.array(value, { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(values, value, value, (normal, a, b) => {
        const spread = spreadOf(normal);
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((x) => rarity(spread, x));
        expect(low).toBeGreaterThanOrEqual(-1);
        expect(high).toBeGreaterThanOrEqual(low!);
        expect(high).toBeLessThan(Number.POSITIVE_INFINITY);
      }),
    );
  });

  it.each(Object.entries(distributions))(
    'has a mean of about 0 and a deviation of about 1 on new values, wherever they lie: %s',
    (_, draw) => {
      const place = fc.record({
        seed: fc.integer(),
        from: fc.double({ min: -60, max: 10, noNaN: true }),
        scale: fc.double({ min: 0.5, max: 20, noNaN: true }),
      });
      fc.assert(
        fc.property(place, ({ seed, from, scale }) => {
          const random = new Random(`${seed}`);
          const some = () => Array.from({ length: 3000 }, () => from + scale * draw(random));
          const spread = spreadOf(some());
          const { mean, deviation } = moments(some().map((value) => rarity(spread, value)));
          expect(Math.abs(mean)).toBeLessThan(0.15);
          expect(Math.abs(Math.log(deviation))).toBeLessThan(0.3);
        }),
        { numRuns: 20 },
      );
    },
  );

  it('is -1 at a floor where most values lie, and tells apart what is above it', () => {
    const still = new Array<number>(60).fill(-60);
    const moving = Array.from({ length: 40 }, (_, i) => -40 + i / 2);
    const spread = spreadOf([...still, ...moving]);
    expect(rarity(spread, -60)).toBe(-1);
    // Four in ten are above the floor.
    expect(rarity(spread, -40)).toBeGreaterThan(-Math.log(0.5) - 1);
    expect(rarity(spread, -30)).toBeGreaterThan(rarity(spread, -40));
    expect(rarity(spread, -20)).toBeGreaterThan(rarity(spread, -30));
  });

  it('of values that never differ rises by the smallest tail', () => {
    const spread = spreadOf(new Array<number>(50).fill(-60));
    expect(spread.tail).toBe(smallestTail);
    expect(rarity(spread, -60)).toBe(-1);
    expect(rarity(spread, -60 + smallestTail)).toBeCloseTo(Math.log(10), 6);
  });

  it('comes back from JSON as it was', () => {
    const values = fc.array(fc.double({ min: -60, max: 10, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, (normal) => {
        // JSON knows no -0.
        const spread = spreadOf(normal.map((value) => value + 0));
        expect(JSON.parse(JSON.stringify(spread))).toEqual(spread);
        expect(spread.quantiles).toHaveLength(10);
      }),
    );
  });

  it('is made from some values', () => {
    expect(() => spreadOf([])).toThrow(RangeError);
  });
});
