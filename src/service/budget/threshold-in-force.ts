import { chiSquareQuantile } from '../../scoring/chi-square.ts';
import { type AlarmThreshold, atBudget } from '../../scoring/threshold.ts';
import type { ThresholdInForce } from '../contract/camera.ts';

const HOURS_A_DAY = 24;

/**
 * Hours of quiet footage after which a budget can be promised by what was seen alone: the Poisson
 * rate's upper bound after no alarm in so long is then the budget. At 95 % it is 3.0 alarms' worth.
 */
export const hoursNeeded = (alarmsPerDay: number, confidence: number): number =>
  (HOURS_A_DAY * chiSquareQuantile(confidence, 2)) / 2 / alarmsPerDay;

/**
 * A model's threshold as the service speaks of it: rates a day instead of an hour.
 * @param time when it came into force, in ms since 1970
 */
export const thresholdInForce = (threshold: AlarmThreshold, time: number): ThresholdInForce => {
  const alarmsPerDay = HOURS_A_DAY * threshold.budgetPerHour;
  return {
    threshold: threshold.threshold,
    alarmsPerDay,
    hours: threshold.heldOutHours,
    expectedAlarmsPerDay: HOURS_A_DAY * threshold.expectedAlarmsPerHour,
    confidence: threshold.confidence,
    hoursNeeded: hoursNeeded(alarmsPerDay, threshold.confidence),
    time,
  };
};

/** The threshold of a budget by what a model's held-out footage was like, in force from now on. */
export const modelThreshold = (measured: AlarmThreshold, alarmsPerDay: number): ThresholdInForce =>
  thresholdInForce(atBudget(measured, alarmsPerDay / HOURS_A_DAY), Date.now());
