import { add, conv2d, matmul, reshape, rmsNorm, transpose, type Value } from '../graph/index.ts';
import type { Net } from './parameters.ts';

/** Keeps the variance of what passes (He et al. 2015), for `inputs` summands. */
const he = (inputs: number, gain = 2) =>
  ({ kind: 'normal', deviation: Math.sqrt(gain / inputs) }) as const;
const zero = { kind: 'constant', value: 0 } as const;
const one = { kind: 'constant', value: 1 } as const;

export interface LinearOptions {
  readonly bias?: boolean;
  /** Variance gain of the start; 0 starts the layer at nothing. */
  readonly gain?: number;
}

/** A linear map of the last axis: `[..., C] -> [..., outputs]`. */
export function linear(
  net: Net,
  name: string,
  x: Value,
  outputs: number,
  { bias = true, gain = 1 }: LinearOptions = {},
): Value {
  return net.graph.within(name, () => {
    const inputs = x.shape.at(-1)!;
    const weight = net.parameter('weight', [inputs, outputs], he(inputs, gain), true);
    const y = matmul(x, weight);
    return bias ? add(y, net.parameter('bias', [outputs], zero)) : y;
  });
}

/** {@link linear} from tokens to a grid of channels: `[B, H * W, C] -> [B, outputs, H, W]`, without bias. */
export function linearToGrid(
  net: Net,
  name: string,
  x: Value,
  outputs: number,
  height: number,
  width: number,
): Value {
  return net.graph.within(name, () => {
    const [batch, , inputs] = x.shape as [number, number, number];
    const weight = net.parameter('weight', [inputs, outputs], he(inputs, 1), true);
    const y = matmul(weight, x, { transposeA: true, transposeB: true }); // [B, outputs, H * W]
    return reshape(y, [batch, outputs, height, width]);
  });
}

/** Root mean square normalisation of the last axis, with a learned scale. */
export const norm = (net: Net, name: string, x: Value): Value =>
  net.graph.within(name, () => rmsNorm(x, net.parameter('scale', [x.shape.at(-1)!], one)));

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
