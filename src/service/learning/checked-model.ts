import type { ModelDescription } from '../../detector/model-file.ts';
import { thresholdInForce } from '../budget/threshold-in-force.ts';
import type { CheckedModel } from '../parts.ts';

/** What the service needs to know of a model. Its threshold is in force from now on. */
export const checkedModel = ({
  configuration,
  preset,
  threshold,
}: ModelDescription): CheckedModel => ({
  format: configuration.input,
  preset,
  threshold: thresholdInForce(threshold, Date.now()),
});
