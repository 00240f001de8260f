import {
  add,
  concat,
  mul,
  reduceSum,
  reshape,
  type Shape,
  slice,
  softmax,
  type Value,
} from '../graph/index.ts';
import { temporalScan, temporalStep } from '../nn/blocks.ts';
import { linear, norm, throughMap } from '../nn/layers.ts';
import type { Net } from '../nn/parameters.ts';
import { cellGrid, type ModelConfiguration, TIME_SCALES } from './configuration.ts';

/** Features of frame differences, each of which depends on two frames only. */
export interface StepFeatures {
  /** `[differences, cells, width]` */
  readonly token: Value;
  /** What the scan in time needs of it, `[differences, inner, cells]`; a stream keeps this. */
  readonly inner: Value;
}

/** One time scale's steps, oldest first, and the newest step's token. */
export interface TimeScale {
  /** `[B, steps, inner, cells]` */
  readonly steps: Value;
  /** `[B, cells, width]` */
  readonly newest: Value;
}

/** Features of what moves, each `[B, cells, width]`. */
export interface TemporalFeatures {
  /** Of each time scale. */
  readonly scales: readonly Value[];
  readonly fused: Value;
}

/** The kept features of a time scale's steps, oldest first: `[B, steps, inner, cells]`. */
export function windowShape(c: ModelConfiguration, batch: number): Shape {
  const { height, width } = cellGrid(c);
  return [batch, c.temporal.steps, c.temporal.width * c.expand, height * width];
}

/** 2a. Embeds frame differences, cut into cells `[differences, cells, C * p * p]`, of one time scale. */
export function encodeSteps(
  net: Net,
  c: ModelConfiguration,
  scale: number,
  differences: Value,
): StepFeatures {
  return net.graph.within(`temporal.${TIME_SCALES[scale]}`, () => {
    const token = linear(net, 'embed', differences, c.temporal.width);
    return { token, inner: temporalStep(net, token, cellGrid(c), c) };
  });
}

/**
 * 2b. Temporal Mamba Blocks: a scan in time at every cell for each time scale, fused by attention
 * over the scales at every cell.
 */
export function encodeTime(
  net: Net,
  c: ModelConfiguration,
  scales: readonly TimeScale[],
): TemporalFeatures {
  const features = scales.map(({ steps, newest }, scale) =>
    net.graph.within(`temporal.${TIME_SCALES[scale]}`, () =>
      norm(net, 'outputNorm', temporalScan(net, steps, newest, c)),
    ),
  );
  const fused =
    features.length === 1
      ? features[0]!
      : net.graph.within('temporal.fusion', () => attendScales(net, features));
  return { scales: features, fused };
}

/**
 * Attention with one query a cell, from all scales, and one key and value a scale. Keys and values are linear maps of
 * the features, so that the query meets the features through the keys' matrix, and the values are those of
 * the features' sum: `q . (f K + k) = f . (q K') + q . k`, and the weights' sum is 1.
 */
function attendScales(net: Net, features: readonly Value[]): Value {
  const [batch, cells, width] = features[0]!.shape as [number, number, number];
  const all = concat(features, 2);
  const query = linear(net, 'query', all, width);
  const stacked = reshape(all, [batch, cells, features.length, width]);
  const { through, bias } = throughMap(net, 'key', query, width);
  const met = reduceSum(mul(stacked, reshape(through, [batch, cells, 1, width])), [3]);
  const match = add(reshape(met, [batch, cells, features.length]), bias);
  const weights = softmax(mul(match, 1 / Math.sqrt(width)));
  const sum = features
    .map((feature, i) => mul(feature, slice(weights, 2, i, i + 1)))
    .reduce((total, scale) => add(total, scale));
  return linear(net, 'value', sum, width);
}
