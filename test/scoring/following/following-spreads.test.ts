import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/nn/random.ts';
import {
  FollowingSpreads,
  type FollowingState,
} from '../../../src/scoring/following/following-spreads.ts';
import { mixedSpread, sketchOf, sketchOfSpread } from '../../../src/scoring/following/sketch.ts';
import { rarity, spreadOf } from '../../../src/scoring/rarity.ts';

const HOUR = 3_600_000;
const random = new Random('following');
const exponential = () => -Math.log(1 - random.uniform());
const base = spreadOf(Array.from({ length: 5000 }, exponential));

/** Pushes a value every five seconds for some hours. */
function live(spreads: FollowingSpreads, from: number, hours: number, value: () => number): void {
  for (let time = from * HOUR; time < (from + hours) * HOUR; time += 5000)
    spreads.push(time, [value()]);
}

const medianRarity = (spreads: FollowingSpreads, value: () => number): number => {
  const all = Array.from({ length: 501 }, () => rarity(spreads.spreads[0]!, value()));
  return all.sort((a, b) => a - b)[250]!;
};

/** Of any continuous value measured by its own spread. */
const usual = Math.LN2 - 1;

describe('spreads that follow', () => {
  it('are the base before anything was seen', () => {
    expect(new FollowingSpreads([base]).spreads).toEqual([base]);
  });

  it('make values usual within an hour after all of them have shifted', () => {
    const spreads = new FollowingSpreads([base]);
    live(spreads, 0, 3, exponential);
    expect(medianRarity(spreads, exponential)).toBeCloseTo(usual, 0);
    const shifted = () => 20 + exponential();
    expect(medianRarity(spreads, shifted)).toBeGreaterThan(10);
    live(spreads, 3, 1, shifted);
    expect(medianRarity(spreads, shifted)).toBeGreaterThan(usual - 0.3);
    expect(medianRarity(spreads, shifted)).toBeLessThan(usual + 0.5);
  });

  it('know the hour again the next day', () => {
    const spreads = new FollowingSpreads([base]);
    const noon = (hour: number) => (hour === 12 ? 10 : 0) + exponential();
    live(spreads, 0, 12, () => noon(0));
    live(spreads, 12, 1, () => noon(12));
    live(spreads, 13, 23, () => noon(0));
    expect(medianRarity(spreads, () => noon(12))).toBeLessThan(1.5);
    live(spreads, 36, 1, () => noon(12));
    live(spreads, 37, 8, () => noon(0));
    expect(medianRarity(spreads, () => noon(12))).toBeGreaterThan(1.2);
  });

  it('keep what the week knows from becoming very rare in a quiet hour', () => {
    const spreads = new FollowingSpreads([base]);
    live(spreads, 0, 20, () => 10 + exponential());
    live(spreads, 20, 2, () => exponential() / 100);
    expect(rarity(spreads.spreads[0]!, 11)).toBeLessThan(-Math.log(0.2) + 1);
  });

  it('go through JSON and go on as if nothing had been', () => {
    const whole = new FollowingSpreads([base]);
    live(whole, 0, 5, exponential);
    const resumed = new FollowingSpreads(
      [base],
      JSON.parse(JSON.stringify(whole.state)) as FollowingState,
    );
    for (let i = 0; i < 1000; i++) {
      const value = exponential();
      for (const spreads of [whole, resumed]) spreads.push(5 * HOUR + i * 10_000, [value]);
    }
    expect(resumed.state).toEqual(whole.state);
    expect(resumed.spreads).toEqual(whole.spreads);
  });

  it('forget what is older than a week, and stay small', () => {
    const spreads = new FollowingSpreads([base]);
    live(spreads, 0, 1, () => 100);
    for (let hour = 1; hour < 180; hour++) live(spreads, hour, 1 / 6, exponential);
    expect(Math.max(...spreads.state.spans.flatMap(({ sketches }) => sketches[0]!))).toBeLessThan(
      50,
    );
    expect(spreads.state.spans.length).toBeLessThan(175);
  });

  it('want a value for each series', () => {
    expect(() => new FollowingSpreads([base]).push(0, [1, 2])).toThrow('2 values for 1 series');
  });
});

describe('sketches', () => {
  it('keep the mean, and the spread of what they are made of', () => {
    const values = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, (list) => {
        const sketch = sketchOf(list);
        expect(sketch.length).toBe(Math.min(48, list.length));
        expect(Math.min(...sketch)).toBeGreaterThanOrEqual(Math.min(...list) - 1e-9);
        expect(Math.max(...sketch)).toBeLessThanOrEqual(Math.max(...list) + 1e-9);
      }),
    );
    const many = Array.from({ length: 4800 }, exponential);
    const [exact, sketched] = [
      spreadOf(many),
      mixedSpread([{ values: sketchOf(many), weight: 1 }], 10),
    ];
    expect(sketched.tail).toBeCloseTo(exact.tail, 0);
    for (const [i, quantile] of exact.quantiles.entries())
      expect(Math.abs(sketched.quantiles[i]! - quantile)).toBeLessThan(0.15);
  });

  it('of a spread have that spread', () => {
    const again = mixedSpread([{ values: sketchOfSpread(base), weight: 1 }], 10);
    expect(again.tail).toBeCloseTo(base.tail, 0);
    for (const [i, quantile] of base.quantiles.entries())
      expect(again.quantiles[i]).toBeCloseTo(quantile, 0);
  });

  it('of nothing have none', () => {
    expect(() => mixedSpread([], 10)).toThrow('no values');
  });
});
