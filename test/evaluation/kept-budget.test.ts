import { expect, test } from 'vitest';
import { detectionAtKeptBudgets } from '../../src/evaluation/kept-budget.ts';

/** An hour at a frame a second: normal peaks of 1 to 30 every two minutes, and events at the end. */
function hour(eventPeaks: readonly number[]) {
  const score = new Float64Array(3600 + 120 * eventPeaks.length);
  const labels = new Uint8Array(score.length);
  for (let i = 0; i < 30; i++) score[60 + 120 * i] = i + 1;
  for (const [i, peak] of eventPeaks.entries()) {
    const at = 3600 + 120 * i + 60;
    labels.fill(1, at - 10, at + 10);
    score[at] = peak;
  }
  return { score, labels, fps: 1 };
}

test('the threshold is the lowest that keeps the budget, and events above it are found', () => {
  const clip = hour([31, 29.5, 26.5, 20.5, 0.5]);
  const found = detectionAtKeptBudgets([clip]);
  expect(
    found.map(({ alarmsPerHour, eventsFound, events }) => [alarmsPerHour, eventsFound, events]),
  ).toEqual([
    [1, 2, 5],
    [4, 3, 5],
    [10, 4, 5],
    [60, 5, 5],
  ]);
  // One false alarm, of 30, is within the budget: the event of 29.5 is, the normal peak of 29 is not.
  expect(found[0]!.threshold).toBe(29);
});

test('with less than an hour the budget is its share of it', () => {
  const half = { score: [5, 0, 9, 0], labels: [0, 0, 1, 0], fps: 1 };
  expect(detectionAtKeptBudgets([half])[0]).toMatchObject({ threshold: 5, eventsFound: 1 });
});

test('there is nothing to tell without normal frames', () => {
  expect(detectionAtKeptBudgets([{ score: [1], labels: [1], fps: 1 }])).toEqual([]);
  expect(detectionAtKeptBudgets([])).toEqual([]);
});
