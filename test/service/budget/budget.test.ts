import { expect, test } from 'vitest';
import { alarmsOf, previewBudget } from '../../../src/service/budget/budget.ts';
import { CameraKeeper } from '../../../src/service/budget/camera-keeper.ts';
import { checkedModel } from '../camera/fakes.ts';

const { NaN: none } = Number;
const HOUR = 3600;
const budget = { alarmsPerDay: 4, call: 'always' as const };
const GROUPING = 5000;

/** A day of quiet seconds with some high ones. */
function day(...high: (readonly [second: number, score: number])[]) {
  const peaks = new Float32Array(24 * HOUR).fill(1);
  for (const [second, score] of high) peaks[second] = score;
  return [{ from: 0, peaks }];
}

const keeperOf = (history = day()) =>
  new CameraKeeper('model', checkedModel.threshold, budget, undefined, () => ({
    history,
    events: [],
  }));

test('a preview shows the alarms it would have given, the latest first, and what was seen', () => {
  const seen = day([4000, 50], [9000, 60], [9003, 70]);
  const preview = previewBudget(seen, keeperOf(seen), budget, GROUPING);
  expect(preview.alarms).toEqual([
    { time: 9_000_000, end: 9_005_000, peak: 70 },
    { time: 4_000_000, end: 4_002_000, peak: 50 },
  ]);
  expect(preview).toMatchObject({
    totalAlarms: 2,
    alarmsPerDay: 4,
    seen: { hours: 24, from: 0, to: 24 * 3_600_000, highest: 70 },
    trust: { shadow: false },
  });
  expect(preview.inForce).toBe(preview.threshold);
  expect(preview.effect).toMatch(/^the threshold stays at/);
});

test('seconds without a score are not seen', () => {
  const seen = day();
  seen[0]!.peaks.fill(none, 0, HOUR);
  expect(previewBudget(seen, keeperOf(seen), budget, GROUPING).seen.hours).toBe(23);
});

test('asking for another budget changes nothing', () => {
  const keeper = keeperOf([]);
  const before = JSON.stringify(keeper.stored);
  const asked = previewBudget(day(), keeper, { ...budget, alarmsPerDay: 400 }, GROUPING);
  expect(asked.threshold).toBeLessThan(keeper.level);
  expect(JSON.stringify(keeper.stored)).toBe(before);
});

test('a budget that switches the camera off in effect says so', () => {
  const seen = [{ from: 0, peaks: new Float32Array(600).fill(1) }];
  const asked = previewBudget(
    seen,
    keeperOf(seen),
    { alarmsPerDay: 0.04, call: 'when trusted' },
    GROUPING,
  );
  expect(asked.effect).toContain('nothing seen so far would alarm: the highest score was 1.0');
  expect(asked.effect).toContain('alarms will not be sent');
});

test('shows two hundred alarms at most, and counts them all', () => {
  const seen = day(...Array.from({ length: 250 }, (_, i) => [i * 300, 90] as const));
  const preview = previewBudget(seen, keeperOf(), budget, GROUPING);
  expect(preview.totalAlarms).toBe(250);
  expect(preview.alarms).toHaveLength(200);
  expect(preview.alarms[0]!.time).toBe(249 * 300_000);
});

test('alarms within the grouping time are one', () => {
  const seen = day([100, 9], [150, 9]);
  expect(alarmsOf(seen, 5, 60_000)).toEqual([{ time: 100_000, end: 152_000, peak: 9 }]);
  expect(alarmsOf(seen, 5, GROUPING)).toHaveLength(2);
});
