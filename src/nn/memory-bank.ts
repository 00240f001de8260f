import {
  add,
  div,
  equal,
  log,
  matmul,
  mean,
  mul,
  reduceMax,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  rmsNorm,
  softmax,
  step,
  sub,
  type Value,
} from '../graph/index.ts';
import type { Net } from './parameters.ts';

/** Softmax temperature of the cosine similarities. */
const TEMPERATURE = 0.1;
/** Margin between the nearest and the second prototype, in squared distance of unit vectors. */
const MARGIN = 0.5;

/**
 * How small weights are cut off. A `step` amplifies rounding at the threshold, so a stream and a clip may
 * differ; a `ramp` over a tenth of the threshold does not.
 */
export type Shrink = 'step' | 'ramp';
const RAMP = 0.1;

export interface MemoryReading {
  /** Weighted sum of prototypes for each cell, `[B, cells, C]`. */
  readonly read: Value;
  /** Weights of the prototypes in it, `[B, cells, slots]`. */
  readonly shares: Value;
  /** Divergence of the mean use of the prototypes from uniform, in nats. */
  readonly imbalance: Value;
  /** Mean squared distance to the nearest prototype. */
  readonly compactness: Value;
  /** Mean shortfall of the second prototype from being {@link MARGIN} farther than the nearest. */
  readonly separation: Value;
}

/**
 * Reads features through a bank of normal prototypes: weights are a softmax over cosine similarities,
 * hard-shrunk at 1 / slots (MemAE, Gong et al., ICCV 2019), with MNAD's compactness and
 * separation losses (Park et al., CVPR 2020) on unit vectors. `x` `[B, cells, C]`.
 */
export function memoryBank(
  net: Net,
  name: string,
  x: Value,
  slots: number,
  shrink: Shrink = 'ramp',
): MemoryReading {
  return net.graph.within(name, () => {
    const channels = x.shape.at(-1)!;
    const prototypes = net.parameter('prototypes', [slots, channels], {
      kind: 'normal',
      deviation: 1,
    });
    const similarity = matmul(unit(x), unit(prototypes), { transposeB: true }); // [B, cells, slots]
    const weights = softmax(mul(similarity, 1 / TEMPERATURE));
    const shrunk = mul(weights, kept(weights, 1 / slots, shrink));
    const shares = mul(shrunk, div(1, add(reduceSum(shrunk, [-1]), 1e-12)));

    const nearest = reduceMax(similarity, [-1]);
    const others = sub(similarity, mul(equal(similarity, nearest), 4));
    const second = reduceMax(others, [-1]);
    // |a - b|² = 2 - 2 cos for unit vectors
    return {
      read: matmul(shares, prototypes),
      shares,
      imbalance: imbalance(weights),
      compactness: mean(sub(2, mul(nearest, 2))),
      separation: mean(relu(add(mul(sub(second, nearest), 2), MARGIN))),
    };
  });
}

/** Factor for each weight, 0 … 1: keeps those above `least`. */
function kept(weights: Value, least: number, shrink: Shrink): Value {
  if (shrink === 'step') return step(sub(weights, least));
  const above = mul(sub(weights, least), 1 / (RAMP * least));
  return relu(sub(1, relu(sub(1, above))));
}

/** Divergence of the mean use of the prototypes from uniform, `ln slots - H`; `weights` `[B, cells, slots]`. */
function imbalance(weights: Value): Value {
  const slots = weights.shape[2]!;
  const use = reduceMean(weights, [0, 1]);
  return reshape(reduceSum(mul(use, log(add(mul(use, slots), 1e-6)))), []);
}

/** Vectors of length 1 along the last axis. */
function unit(x: Value): Value {
  const channels = x.shape.at(-1)!;
  const scale = new Float32Array(channels).fill(1 / Math.sqrt(channels));
  return rmsNorm(x, x.graph.constant(scale, [channels]));
}
