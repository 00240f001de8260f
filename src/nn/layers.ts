import {
  add,
  conv2d,
  matmul,
  mul,
  reshape,
  rmsNorm,
  transpose,
  type Value,
} from '../graph/index.ts';
import type { Net } from './parameters.ts';

/** Preserves the variance of activations (He et al. 2015) for `inputs` summands. */
const he = (inputs: number, gain = 2) =>
  ({ kind: 'normal', deviation: Math.sqrt(gain / inputs) }) as const;
const zero = { kind: 'constant', value: 0 } as const;
const one = { kind: 'constant', value: 1 } as const;

/** Input of a linear map: a value, or one whose learned scale the map absorbs. */
export type Given = Value | Unscaled;

export interface LinearOptions {
  readonly bias?: boolean;
  /** Variance gain of the initial weights; 0 makes the layer start at 0. */
  readonly gain?: number;
}

/** A linear map of the last axis: `[..., C] -> [..., outputs]`. */
export function linear(
  net: Net,
  name: string,
  given: Given,
  outputs: number,
  { bias = true, gain = 1 }: LinearOptions = {},
): Value {
  return net.graph.within(name, () => {
    const { x, weight } = weighted(net, given, outputs, gain);
    const y = matmul(x, weight);
    return bias ? add(y, net.parameter('bias', [outputs], zero)) : y;
  });
}

/**
 * Dot products of `x` `[..., outputs]` with {@link linear} of any `v` `[..., inputs]`, without computing the
 * latter: `x . linear(v) = v . through + bias`, `through` `[..., inputs]`, `bias` `[..., 1]`.
 */
export function throughMap(net: Net, name: string, x: Value, inputs: number) {
  return net.graph.within(name, () => {
    const outputs = x.shape.at(-1)!;
    const weight = net.parameter('weight', [inputs, outputs], he(inputs, 1), true);
    const bias = reshape(net.parameter('bias', [outputs], zero), [outputs, 1]);
    return { through: matmul(x, weight, { transposeB: true }), bias: matmul(x, bias) };
  });
}

/** {@link linear} from tokens to a grid of channels: `[B, H * W, C] -> [B, outputs, H, W]`, without bias. */
export function linearToGrid(
  net: Net,
  name: string,
  given: Given,
  outputs: number,
  height: number,
  width: number,
): Value {
  return net.graph.within(name, () => {
    const { x, weight } = weighted(net, given, outputs, 1);
    const y = matmul(weight, x, { transposeA: true, transposeB: true }); // [B, outputs, H * W]
    return reshape(y, [x.shape[0]!, outputs, height, width]);
  });
}

/** {@link linear} on a grid of channels, `[..., C, cells] -> [..., outputs, cells]`, without bias. */
export function linearOnGrid(net: Net, name: string, x: Value, outputs: number): Value {
  return net.graph.within(name, () => {
    const inputs = x.shape.at(-2)!;
    const weight = net.parameter('weight', [inputs, outputs], he(inputs, 1), true);
    return matmul(weight, x, { transposeA: true });
  });
}

/** The values that a linear map reads, and its matrix `[C, outputs]`, with their scale in it. */
function weighted(net: Net, given: Given, outputs: number, gain: number) {
  const { unit: x, scale } = 'unit' in given ? given : { unit: given, scale: undefined };
  const inputs = x.shape.at(-1)!;
  const weight = net.parameter('weight', [inputs, outputs], he(inputs, gain), true);
  return { x, weight: scale ? mul(weight, reshape(scale, [inputs, 1])) : weight };
}

/** Root mean square normalisation of the last axis, with a learned scale. */
export const norm = (net: Net, name: string, x: Value): Value =>
  net.graph.within(name, () => rmsNorm(x, scaleOf(net, x)));

/** A value that is normalised, and the learned scale `[C]` of its last axis, which is still to be applied. */
export interface Unscaled {
  readonly unit: Value;
  readonly scale: Value;
}

/**
 * {@link norm} for values that only linear maps read. The maps scale their matrices instead, which are
 * much smaller: it saves two passes over the values in training.
 */
export const unscaledNorm = (net: Net, name: string, x: Value): Unscaled =>
  net.graph.within(name, () => ({ unit: rmsNorm(x), scale: scaleOf(net, x) }));

const scaleOf = (net: Net, x: Value): Value => net.parameter('scale', [x.shape.at(-1)!], one);

/** A convolution that keeps the size, with bias: `[B, C, H, W] -> [B, outputs, H, W]`. */
export function convolution(
  net: Net,
  name: string,
  x: Value,
  outputs: number,
  { kernel = 3, gain = 2 }: { kernel?: 1 | 3; gain?: number } = {},
): Value {
  return net.graph.within(name, () => {
    const inputs = x.shape[1]!;
    const shape = [outputs, inputs, kernel, kernel];
    const weight = net.parameter('weight', shape, he(inputs * kernel ** 2, gain), true);
    return conv2d(x, weight, net.parameter('bias', [outputs], zero));
  });
}

/** A 3x3 convolution of each channel by itself, with bias: `[B, C, H, W]` to the same. */
export function depthwiseConvolution(net: Net, name: string, x: Value): Value {
  return net.graph.within(name, () => {
    const channels = x.shape[1]!;
    const weight = net.parameter('weight', [channels, 1, 3, 3], he(9, 1), true);
    return conv2d(x, weight, net.parameter('bias', [channels], zero), { groups: channels });
  });
}

/** `[B, C, H, W] -> [B, H * W, C]` */
export function gridToTokens(x: Value): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  return transpose(reshape(x, [batch, channels, height * width]), [0, 2, 1]);
}

/** `[B, H * W, C] -> [B, C, H, W]` */
export function tokensToGrid(x: Value, height: number, width: number): Value {
  const [batch, , channels] = x.shape as [number, number, number];
  return reshape(transpose(x, [0, 2, 1]), [batch, channels, height, width]);
}
