import type { ModelDescription } from '../../detector/model-file.ts';
import type { CheckedModel } from '../parts.ts';

/** What the service needs to know of a model. */
export const checkedModel = ({
  configuration,
  preset,
  threshold,
}: ModelDescription): CheckedModel => ({ format: configuration.input, preset, threshold });
