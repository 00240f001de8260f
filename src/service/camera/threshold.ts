import { budgetFromHistory } from '../budget/budget.ts';
import type { Span } from '../budget/stretches.ts';
import type { ThresholdInForce } from '../contract/camera.ts';
import type { Store } from '../parts.ts';

/** Hours of scores with which a budget is kept better by what the camera saw than by its model. */
const ENOUGH = 1;

/** Spans of a camera's events that were judged real. */
export function realSpans(store: Pick<Store, 'eventsBetween'>, camera: string): Span[] {
  return store
    .eventsBetween(camera, 0, Number.MAX_SAFE_INTEGER)
    .filter(({ verdict }) => verdict === 'real')
    .map(({ start, end }) => ({ from: start, to: end ?? Date.now() }));
}

/**
 * The threshold that keeps the budget on what a camera saw; the model's own, while that is longer
 * than what was seen.
 */
export function thresholdFromHistory(
  store: Pick<Store, 'scores' | 'eventsBetween'>,
  camera: string,
  alarmsPerDay: number,
  model: ThresholdInForce,
): ThresholdInForce {
  const now = Date.now();
  const history = store.scores(camera, 0, now);
  const made = budgetFromHistory(history, alarmsPerDay, now, realSpans(store, camera));
  return made && made.hours >= Math.min(ENOUGH, model.hours) ? made : model;
}
