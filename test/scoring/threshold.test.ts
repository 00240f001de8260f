import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alarmEpisodes } from '../../src/scoring/alarm/series.ts';
import { atBudget, budgetThreshold } from '../../src/scoring/threshold.ts';

/** Even random numbers in (0, 1), the same in every run. */
function evenNumbers(count: number): number[] {
  let state = 12345;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  });
}

/** A minute's quiet at 1 frame a second, then one exponential peak, over and over. */
function peaks(count: number): number[] {
  return evenNumbers(count).flatMap((p) => [...new Array<number>(59).fill(0), -Math.log(p)]);
}

describe('threshold by alarm budget', () => {
  it('keeps the budget where the tail is exponential, and is not far above the best', () => {
    const held = budgetThreshold([{ scores: peaks(3000), fps: 1 }], { budgetPerHour: 0.5 });
    const fresh = peaks(9000).slice(60 * 3000);
    const alarms = alarmEpisodes(fresh, held.threshold, { fps: 1 }).length;
    expect(alarms / (fresh.length / 3600)).toBeLessThan(0.5);
    // 60 peaks an hour with mean 1: the budget is met at ln(60 / 0.5) = 4.79.
    expect(held.threshold).toBeGreaterThan(4.79);
    expect(held.threshold).toBeLessThan(6.5);
    expect(held.expectedAlarmsPerHour).toBeLessThan(0.5);
    expect(held.heldOutHours).toBeCloseTo(50, 9);
    // Measured on the tail, not on all of the 3000 peaks.
    expect(held.episodes).toBeGreaterThanOrEqual(30);
    expect(held.episodes).toBeLessThan(300);
  });

  it('comes from the bounds as written, where everything is known', () => {
    // Ten peaks of 1 over zeros in an hour: level 0, n = 10, T = 1.
    const scores = Array.from({ length: 3600 }, (_, i) => (i % 360 === 180 ? 1 : 0));
    const found = budgetThreshold([{ scores, fps: 1 }], { budgetPerHour: 2 });
    const deviation = Math.sqrt((1 / 360) * (1 - 1 / 360)); // below the smallest guess, 0.1
    expect(deviation).toBeLessThan(0.1);
    const rateBound = 33.92444 / 2; // chi-square, 0.95, 22 degrees
    const excessBound = (2 * (10 + 5 * 0.1)) / 18.49266; // chi-square, 0.05, 30 degrees
    expect(found.level).toBe(0);
    expect(found.episodes).toBe(10);
    expect(found.threshold).toBeCloseTo(excessBound * Math.log(rateBound / 2), 4);
    expect(found.expectedAlarmsPerHour).toBeCloseTo(
      10 * Math.exp(-found.threshold / (10.5 / 15)),
      6,
    );
  });

  it('falls as the budget grows, and never below the level', () => {
    const series = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1 });
    const budget = fc.double({ min: 0.001, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(series, budget, budget, (scores, a, b) => {
        const [small, large] = [Math.min(a, b), Math.max(a, b)].map((budgetPerHour) =>
          budgetThreshold([{ scores, fps: 10 }], { budgetPerHour }),
        );
        expect(small!.threshold).toBeGreaterThanOrEqual(large!.threshold);
        expect(large!.threshold).toBeGreaterThanOrEqual(large!.level);
        expect(Number.isFinite(small!.threshold)).toBe(true);
      }),
    );
  });

  it('follows for another budget from what was measured', () => {
    const stretches = [{ scores: peaks(100), fps: 1 }];
    const [strict, loose] = [0.1, 40].map((budgetPerHour) =>
      budgetThreshold(stretches, { budgetPerHour }),
    );
    expect(atBudget(strict!, 40)).toEqual(loose);
    expect(atBudget(loose!, 0.1)).toEqual(strict);
  });

  it('rises with the confidence', () => {
    const stretch = { scores: peaks(100), fps: 1 };
    const sure = budgetThreshold([stretch], { confidence: 0.99 });
    expect(sure.threshold).toBeGreaterThan(budgetThreshold([stretch]).threshold);
  });

  it('is cautious after 36 seconds, and less so with more footage', () => {
    const wave = (frames: number) =>
      evenNumbers(frames).map((p, i) => 2 * Math.sin(i / 9) + 2 * p - 1);
    const short = budgetThreshold([{ scores: wave(360), fps: 10 }]);
    const long = budgetThreshold([{ scores: wave(36_000), fps: 10 }]);
    expect(short.threshold).toBeGreaterThan(3); // the largest score there is
    expect(short.threshold).toBeLessThan(40);
    expect(long.threshold).toBeGreaterThan(3);
    expect(long.threshold).toBeLessThan(short.threshold);
  });

  it('stands a little above a series that never moves', () => {
    const { threshold, episodes } = budgetThreshold([
      { scores: new Float32Array(360).fill(2), fps: 10 },
    ]);
    expect(episodes).toBe(0);
    expect(threshold).toBeGreaterThan(2.5);
    expect(threshold).toBeLessThan(4);
  });

  it('does not join stretches into one', () => {
    const one = { scores: [0, 0, 0, 0, 0, 0, 0, 0, 0, 9], fps: 1 };
    const other = { scores: [9, 0, 0, 0, 0, 0, 0, 0, 0, 0], fps: 1 };
    expect(budgetThreshold([one, other]).episodes).toBe(2);
  });

  it('refuses what gives no threshold', () => {
    expect(() => budgetThreshold([])).toThrow('no scores');
    expect(() => budgetThreshold([{ scores: [0, Number.NaN, 1], fps: 1 }])).toThrow('not finite');
    expect(() => budgetThreshold([{ scores: [1], fps: 1 }], { budgetPerHour: 0 })).toThrow(
      '0 alarms',
    );
  });
});
