import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/nn/random.ts';
import { budgetThreshold } from '../../../src/scoring/threshold.ts';
import { alarmsOf, budgetFromHistory, previewBudget } from '../../../src/service/budget/budget.ts';
import { cutStretches } from '../../../src/service/budget/stretches.ts';
import type { ScoredStretch } from '../../../src/service/parts.ts';

const { NaN: none } = Number;
const HOUR = 3600;

/** Scores as a quiet camera has them: they follow each other, and now and then something passes. */
function invented(seed: string, seconds: number, passing: number): Float32Array {
  const random = new Random(seed);
  let drift = 0;
  let left = 0;
  let height = 0;
  return Float32Array.from({ length: seconds }, () => {
    drift = 0.9 * drift + 0.4 * random.normal();
    if (left-- <= 0 && random.uniform() < passing) {
      left = 1 + random.below(20);
      height = -2 * Math.log(1 - random.uniform());
    }
    return drift + (left > 0 ? height : 0);
  });
}

/** A history of one stretch, from time 0. */
const since0 = (...peaks: number[]): ScoredStretch[] => [
  { from: 0, peaks: Float32Array.from(peaks) },
];

describe('stretches', () => {
  test('are cut where there is no score', () => {
    const history = since0(none, 1, 2, none, none, 3);
    expect(cutStretches(history, [])).toEqual([
      { from: 1000, peaks: Float32Array.of(1, 2) },
      { from: 5000, peaks: Float32Array.of(3) },
    ]);
    expect(cutStretches(since0(none), [])).toEqual([]);
  });

  test('leave out every second of a span, and nothing for spans elsewhere', () => {
    const history = [{ from: 10_000, peaks: Float32Array.of(0, 1, 2, 3, 4, 5) }];
    const spans = [
      { from: 0, to: 9000 },
      { from: 11_500, to: 13_001 },
      { from: 60_000, to: 70_000 },
    ];
    expect(cutStretches(history, spans)).toEqual([
      { from: 10_000, peaks: Float32Array.of(0) },
      { from: 14_000, peaks: Float32Array.of(4, 5) },
    ]);
    expect(cutStretches(history, [{ from: 0, to: 12_000 }])).toEqual([
      { from: 12_000, peaks: Float32Array.of(2, 3, 4, 5) },
    ]);
  });
});

describe('a budget', () => {
  const peaks = invented('one day', 24 * HOUR, 1 / 600);
  const day = [{ from: 0, peaks }];

  test('gives the threshold of the history, in alarms a day', () => {
    const inForce = budgetFromHistory(day, 12, 77)!;
    const expected = budgetThreshold([{ scores: peaks, fps: 1 }], { budgetPerHour: 0.5 });
    expect(inForce).toMatchObject({
      threshold: expected.threshold,
      alarmsPerDay: 12,
      hours: 24,
      expectedAlarmsPerDay: 24 * expected.expectedAlarmsPerHour,
      confidence: 0.95,
      time: 77,
    });
    expect(inForce.hoursNeeded).toBeCloseTo((3 / 12) * 24, 1);
  });

  test('does not count what was real, nor where there was no score', () => {
    const before = budgetFromHistory(day, 4, 0)!;
    const burst = peaks.slice();
    burst.fill(90, 5000, 5060).fill(none, 9000, 9000 + HOUR);
    const history = [{ from: 0, peaks: burst }];
    const real = [{ from: 5_000_000, to: 5_060_000 }];
    const after = budgetFromHistory(history, 4, 0, real)!;
    expect(after.hours).toBeCloseTo(23 - 60 / HOUR, 10);
    expect(Math.abs(after.threshold - before.threshold)).toBeLessThan(0.1 * before.threshold);
    expect(budgetFromHistory(history, 4, 0)!.threshold).toBeGreaterThan(1.5 * before.threshold);
  });

  test('of nothing is none', () => {
    expect(budgetFromHistory([], 4, 0)).toBeNull();
    expect(budgetFromHistory(since0(none), 4, 0)).toBeNull();
    expect(budgetFromHistory(since0(1), 4, 0, [{ from: 0, to: 1000 }])).toBeNull();
  });

  test('is kept on the history it was made of, and asks for less the larger it is', () => {
    const history = fc.record({
      seed: fc.string(),
      hours: fc.integer({ min: 1, max: 12 }),
      passing: fc.constantFrom(0, 1 / 3000, 1 / 600, 1 / 100),
      alarmsPerDay: fc.constantFrom(0.5, 4, 24, 100),
    });
    fc.assert(
      fc.property(history, ({ seed, hours, passing, alarmsPerDay }) => {
        const seen = [{ from: 0, peaks: invented(seed, hours * HOUR, passing) }];
        const inForce = budgetFromHistory(seen, alarmsPerDay, 0)!;
        const allowed = (alarmsPerDay * hours) / 24;
        // The budget holds on average; three deviations of a Poisson count are left to chance.
        const most = allowed + 3 * Math.sqrt(allowed) + 3;
        expect(alarmsOf(seen, inForce.threshold).length).toBeLessThanOrEqual(most);
        const twice = budgetFromHistory(seen, 2 * alarmsPerDay, 0)!;
        expect(twice.threshold).toBeLessThanOrEqual(inForce.threshold);
      }),
      { numRuns: 60 },
    );
  });

  test('shows the alarms it would have given, the latest first, the real ones among them', () => {
    const quiet = peaks.map((score) => Math.min(score, 3));
    for (const [at, score] of [
      [4000, 50],
      [9000, 60],
      [9003, 70],
    ] as const)
      quiet[at] = score;
    const real = [
      { from: 4_000_000, to: 4_002_000 },
      { from: 9_000_000, to: 9_005_000 },
    ];
    const seen = [{ from: 0, peaks: quiet }];
    const preview = previewBudget(seen, budgetFromHistory(seen, 4, 5, real)!);
    expect(preview.alarms).toEqual([
      { time: 9_000_000, end: 9_005_000, peak: 70 },
      { time: 4_000_000, end: 4_002_000, peak: 50 },
    ]);
    expect(preview).toMatchObject({ totalAlarms: 2, time: 5, alarmsPerDay: 4 });
  });

  test('shows two hundred alarms at most, and counts them all', () => {
    const busy = peaks.slice();
    const times = Array.from({ length: 250 }, (_, i) => i * 300);
    for (const second of times) busy[second] = 90;
    const real = times.map((second) => ({ from: second * 1000, to: second * 1000 + 1000 }));
    const seen = [{ from: 0, peaks: busy }];
    const preview = previewBudget(seen, budgetFromHistory(seen, 1, 0, real)!);
    expect(preview.totalAlarms).toBe(250);
    expect(preview.alarms.length).toBe(200);
    expect(preview.alarms[0]!.time).toBe(249 * 300_000);
  });
});
