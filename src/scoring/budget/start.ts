import type { AlarmThreshold } from '../threshold.ts';
import { rateBound } from '../threshold.ts';
import type { KeeperStart } from './keeper.ts';

/**
 * What a model knows of its alarms from held-out footage, at its bounds: little footage starts with a
 * high threshold. How many hours of the day it was from is not known where it was one piece.
 */
export function keeperStart(measured: AlarmThreshold): KeeperStart {
  const { level, heldOutHours, meanExcessBound, pieces = 1 } = measured;
  return {
    tail: { points: [{ level, rate: rateBound(measured) }], meanExcess: meanExcessBound },
    footage: { hours: heldOutHours, hoursOfDay: Math.min(24, pieces) },
  };
}
