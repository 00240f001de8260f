import type { ModelConfiguration } from '../model/configuration.ts';
import { parameterSpecs } from '../model/cost.ts';
import { initialise, type Weights } from '../nn/parameters.ts';

/** Parameters as they start: what they are makes no difference to the speed. */
export function freshWeights(model: ModelConfiguration): Weights {
  return new Map(
    parameterSpecs(model).map((spec) => [
      spec.name,
      { shape: spec.shape, data: initialise([spec], 0) },
    ]),
  );
}
