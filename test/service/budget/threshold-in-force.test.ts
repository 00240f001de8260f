import { expect, test } from 'vitest';
import { hoursNeeded, thresholdInForce } from '../../../src/service/budget/threshold-in-force.ts';

test('a threshold of a model is told by the day', () => {
  const threshold = {
    threshold: 7.5,
    budgetPerHour: 4 / 24,
    expectedAlarmsPerHour: 0.1,
    confidence: 0.95,
    heldOutHours: 0.5,
    episodes: 12,
    level: 3,
    meanExcess: 0.5,
    meanExcessBound: 0.8,
  };
  expect(thresholdInForce(threshold, 123)).toEqual({
    threshold: 7.5,
    alarmsPerDay: 4,
    hours: 0.5,
    expectedAlarmsPerDay: expect.closeTo(2.4),
    confidence: 0.95,
    // Three quiet alarms' worth of time: -ln(0.05) = 2.996.
    hoursNeeded: expect.closeTo((24 * 2.9957) / 4, 2),
    time: 123,
  });
});

test('a smaller budget, or more confidence, needs more footage', () => {
  expect(hoursNeeded(1, 0.95)).toBeCloseTo(4 * hoursNeeded(4, 0.95));
  expect(hoursNeeded(4, 0.99)).toBeGreaterThan(hoursNeeded(4, 0.95));
});
