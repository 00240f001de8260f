import type { AlarmThreshold } from '../../scoring/threshold.ts';
import { budgetFromHistory } from '../budget/budget.ts';
import { modelThreshold } from '../budget/threshold-in-force.ts';
import type { ThresholdInForce } from '../contract/camera.ts';
import type { ScoredStretch, Span, Store } from '../parts.ts';

/** Hours of scores with which a budget is kept better by what the camera saw than by its model. */
const ENOUGH = 1;

/** Milliseconds of the past that a budget is kept by: looked through at once, in the server's own time. */
const LOOKED_BACK = 7 * 24 * 3600_000;

/** What a camera's budget goes by: the scores of the last week, and which of them were of real events. */
export function seenScores(
  store: Pick<Store, 'scores' | 'eventsBetween'>,
  camera: string,
  now: number,
): { readonly history: readonly ScoredStretch[]; readonly real: readonly Span[] } {
  const from = now - LOOKED_BACK;
  const real = store
    .eventsBetween(camera, from, now, 'alarm')
    .filter(({ verdict }) => verdict === 'real')
    .map(({ start, end }) => ({ from: start, to: end ?? now }));
  return { history: store.scores(camera, from, now), real };
}

/**
 * The threshold that keeps the budget on what a camera saw; on the model's held-out footage, while
 * that is longer than what was seen.
 */
export function thresholdFromHistory(
  store: Pick<Store, 'scores' | 'eventsBetween'>,
  camera: string,
  alarmsPerDay: number,
  model: AlarmThreshold,
): ThresholdInForce {
  const now = Date.now();
  const { history, real } = seenScores(store, camera, now);
  const made = budgetFromHistory(history, alarmsPerDay, now, real);
  return made && made.hours >= Math.min(ENOUGH, model.heldOutHours)
    ? made
    : modelThreshold(model, alarmsPerDay);
}
