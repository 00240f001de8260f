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

/** Sharpness of the addressing: cosine similarities are divided by it before the softmax. */
const TEMPERATURE = 0.1;
/** How much nearer the nearest prototype should be than the second, in squared distance of unit vectors. */
const MARGIN = 0.5;

/**
 * How small weights are cut off: by a step, at which rounding decides, so that a stream and a clip
 * may differ; or over a ramp of a tenth of the least weight, where it does not.
 */
export type Shrink = 'step' | 'ramp';
const RAMP = 0.1;

export interface MemoryReading {
  /** What the memory knows of each cell, `[B, cells, C]`. */
  readonly read: Value;
  /** The share of each prototype in it, `[B, cells, slots]`. */
  readonly shares: Value;
  /** How far the use of the prototypes is from even, in nats: 0 where all are used alike. */
  readonly imbalance: Value;
  /** Mean squared distance to the nearest prototype. */
  readonly compactness: Value;
  /** Mean of how far the second prototype is from being {@link MARGIN} farther than the nearest. */
  readonly separation: Value;
}

/**
 * Reads features through a bank of prototypes of what is normal: weights are a softmax over cosine
 * similarities, hard-shrunk at 1 / slots (MemAE, Gong et al., ICCV 2019), with MNAD's compactness and
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

/** Which weights of a reading are kept, 0 … 1: those above `least`. */
function kept(weights: Value, least: number, shrink: Shrink): Value {
  if (shrink === 'step') return step(sub(weights, least));
  const above = mul(sub(weights, least), 1 / (RAMP * least));
  return relu(sub(1, relu(sub(1, above))));
}

/** Divergence of the mean use of the prototypes from even use, `ln slots - H`; `weights` `[B, cells, slots]`. */
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
