import {
  add,
  div,
  equal,
  matmul,
  mean,
  mul,
  reduceMax,
  reduceSum,
  relu,
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

export interface MemoryReading {
  /** What the memory knows of each cell, `[B, cells, C]`. */
  readonly read: Value;
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
export function memoryBank(net: Net, name: string, x: Value, slots: number): MemoryReading {
  return net.graph.within(name, () => {
    const channels = x.shape.at(-1)!;
    const prototypes = net.parameter('prototypes', [slots, channels], {
      kind: 'normal',
      deviation: 1,
    });
    const similarity = matmul(unit(x), unit(prototypes), { transposeB: true }); // [B, cells, slots]
    const weights = softmax(mul(similarity, 1 / TEMPERATURE));
    const shrunk = mul(weights, step(sub(weights, 1 / slots)));
    const shares = mul(shrunk, div(1, add(reduceSum(shrunk, [-1]), 1e-12)));

    const nearest = reduceMax(similarity, [-1]);
    const others = sub(similarity, mul(equal(similarity, nearest), 4));
    const second = reduceMax(others, [-1]);
    // |a - b|² = 2 - 2 cos for unit vectors
    return {
      read: matmul(shares, prototypes),
      compactness: mean(sub(2, mul(nearest, 2))),
      separation: mean(relu(add(mul(sub(second, nearest), 2), MARGIN))),
    };
  });
}

/** Vectors of length 1 along the last axis. */
export function unit(x: Value): Value {
  const channels = x.shape.at(-1)!;
  const scale = new Float32Array(channels).fill(1 / Math.sqrt(channels));
  return rmsNorm(x, x.graph.constant(scale, [channels]));
}
