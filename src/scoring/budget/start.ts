import type { AlarmThreshold } from '../threshold.ts';
import { rateBound } from '../threshold.ts';
import type { KeeperStart } from './keeper.ts';

/**
 * A model's tail from held-out footage, at its confidence bounds: little footage starts with a high
 * threshold. The number of pieces stands in for the hours of the day, which are unknown.
 */
export function keeperStart(measured: AlarmThreshold): KeeperStart {
  const { level, heldOutHours, meanExcessBound, pieces = 1 } = measured;
  return {
    tail: { points: [{ level, rate: rateBound(measured) }], meanExcess: meanExcessBound },
    footage: { hours: heldOutHours, hoursOfDay: Math.min(24, pieces) },
  };
}
