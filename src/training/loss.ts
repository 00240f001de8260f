import { add, log, mean, mul, slice, square, sub, type Value } from '../graph/index.ts';
import type { ModelConfiguration } from '../model/configuration.ts';
import type { Outputs } from '../model/m2s2l.ts';
import type { LossWeights } from './configuration.ts';

/** Names of the terms that are reported, in this order; which of them exist depends on the model. */
export type LossTerms = Readonly<Record<string, Value>>;

/** Squared errors below this are as good as none: the noise of 8-bit pixels. */
const NOISE = 1e-6;

/**
 * The loss of MODEL's outputs. A decoder's term is the log of its squared error, PSNR but for scale:
 * its gradient is relative to the error, so that one set of weights serves dark and bright, quiet and
 * busy cameras, and neither decoder drowns the other.
 */
export function lossTerms(
  c: ModelConfiguration,
  outputs: Outputs,
  weights: LossWeights,
): { total: Value; terms: LossTerms } {
  const terms: Record<string, Value> = {};
  const summands: Value[] = [];
  const include = (weight: number, value: Value): void => {
    if (weight > 0) summands.push(mul(value, weight));
  };
  const targets = { appearance: outputs.frame, motion: outputs.difference };
  for (const branch of c.decoders.branches) {
    const error = sub(outputs[branch]!, targets[branch]);
    terms[branch] = mean(square(error));
    const pixels = add(terms[branch], mul(imageGradient(error), weights.imageGradient));
    include(weights[branch], log(add(pixels, NOISE)));
  }
  if (outputs.overlap) {
    terms.overlap = mul(outputs.overlap, 1);
    include(weights.overlap, outputs.overlap);
  }
  if (outputs.compactness.length > 0) {
    terms.compactness = sum(outputs.compactness);
    terms.separation = sum(outputs.separation);
    include(weights.compactness, terms.compactness);
    include(weights.separation, terms.separation);
  }
  return { total: sum(summands), terms };
}

/** Mean square of a picture's differences between neighbours, `[B, C, H, W]` to a scalar. */
function imageGradient(x: Value): Value {
  const along = (axis: number): Value => {
    const size = x.shape[axis]!;
    return mean(square(sub(slice(x, axis, 1, size), slice(x, axis, 0, size - 1))));
  };
  return add(along(2), along(3));
}

const sum = (values: readonly Value[]): Value => values.reduce((total, value) => add(total, value));
