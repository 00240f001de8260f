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
import { cellGrid, type ModelConfiguration } from './configuration.ts';

/** Features of frame differences, each of which depends on two frames only. */
export interface StepFeatures {
  /** `[differences, cells, width]` */
  readonly token: Value;
  /** Input of the scan in time, `[differences, inner, cells]`; cached by streams. */
  readonly inner: Value;
}

/** One time scale's steps, oldest first, and the newest step's token. */
export interface TimeScale {
  /** `[B, steps, inner, cells]` */
  readonly steps: Value;
  /** `[B, cells, width]` */
  readonly newest: Value;
}

/** Features of motion, each `[B, cells, width]`. */
export interface TemporalFeatures {
  /** One a time scale. */
  readonly scales: readonly Value[];
  readonly fused: Value;
  /** Attention over the scales, `[B, cells, scales]`; undefined for a single scale. */
  readonly weights: Value | undefined;
}

/** Shape of the cached features of a time scale's steps, oldest first: `[B, steps, inner, cells]`. */
export function windowShape(c: ModelConfiguration, batch: number): Shape {
  const { height, width } = cellGrid(c);
  return [batch, c.temporal.steps, c.temporal.width * c.expand, height * width];
}

const moduleOf = (c: ModelConfiguration, scale: number): string =>
  `temporal.stride${c.temporal.strides[scale]}`;

/** 2a. Embeds the frame differences of one time scale, cut into cells `[differences, cells, C * p * p]`. */
export function encodeSteps(
  net: Net,
  c: ModelConfiguration,
  scale: number,
  differences: Value,
): StepFeatures {
  return net.graph.within(moduleOf(c, scale), () => {
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
    net.graph.within(moduleOf(c, scale), () =>
      norm(net, 'outputNorm', temporalScan(net, steps, newest, c)),
    ),
  );
  if (features.length === 1) return { scales: features, fused: features[0]!, weights: undefined };
  return {
    scales: features,
    ...net.graph.within('temporal.fusion', () => attendScales(net, features)),
  };
}

/**
 * Attention over the scales at each cell: one query from all scales, one key and value a scale. Keys and
 * values are linear, so neither is computed for each scale: `q . (f K + k) = f . (q K') + q . k`, and the
 * values' map is applied to the weighted sum, since the weights add up to 1.
 */
function attendScales(net: Net, features: readonly Value[]) {
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
  return { fused: linear(net, 'value', sum, width), weights };
}
