import { apply } from '../graph.ts';
import { broadcast, expectRank, expectSame, sameType } from '../shape.ts';
import { type Primitive, sizeOf, type Value } from '../value.ts';
import { unbroadcast } from './elementwise.ts';
import { concat, pad, reshape, reverse, slice, transpose } from './layout.ts';
import { reduceSum } from './reduce.ts';

interface MatmulAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

const rowsOf = (a: Value, transposed: boolean): number => a.shape.at(transposed ? -1 : -2)!;
const columnsOf = (b: Value, transposed: boolean): number => b.shape.at(transposed ? -2 : -1)!;

const matrixProduct: Primitive<MatmulAttributes> = {
  name: 'matmul',
  infer: (inputs, { transposeA, transposeB }) => {
    const [a, b] = inputs as [Value, Value];
    if (a.shape.length < 2 || b.shape.length < 2) throw new Error('needs matrices');
    expectSame(rowsOf(b, transposeB), columnsOf(a, transposeA), 'inner size of the second matrix');
    const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const shape = [...batch, rowsOf(a, transposeA), columnsOf(b, transposeB)];
    return [{ dtype: sameType(inputs), shape }];
  },
  emit(e, { inputs: [a, b], outputs: [y] }, { transposeA, transposeB }) {
    if (!transposeA && !transposeB) {
      e.operator('MatMul', [e.name(a!), e.name(b!)], [e.name(y!)]);
    } else if (y!.dtype === 'float32') {
      const attributes = { transA: Number(transposeA), transB: Number(transposeB) };
      const operands = [e.name(a!), e.name(b!)];
      e.operator('FusedMatMul', operands, [e.name(y!)], attributes, 'com.microsoft');
    } else {
      const turned = (x: Value, transposed: boolean): string => {
        if (!transposed) return e.name(x);
        const perm = x.shape.map((_, axis) => axis);
        perm.push(...perm.splice(-2).reverse());
        const name = e.temporary();
        e.operator('Transpose', [e.name(x)], [name], { perm });
        return name;
      };
      e.operator('MatMul', [turned(a!, transposeA), turned(b!, transposeB)], [e.name(y!)]);
    }
  },
  derivative({ inputs, cotangents: [dy], attributes: { transposeA, transposeB } }) {
    const [a, b] = inputs as [Value, Value];
    const toA = () =>
      transposeA
        ? matmul(b, dy!, { transposeA: transposeB, transposeB: true })
        : matmul(dy!, b, { transposeB: !transposeB });
    const toB = () =>
      transposeB
        ? matmul(dy!, a, { transposeA: true, transposeB: transposeA })
        : matmul(a, dy!, { transposeA: !transposeA });
    return [unbroadcast(toA(), a), unbroadcast(toB(), b)];
  },
  flops: ([a], [y], { transposeA }) => 2 * sizeOf(y!.shape) * columnsOf(a!, transposeA),
};

interface ConvolutionAttributes {
  /** 1: every output sees every input; channels: each output sees its own input (depthwise). */
  readonly groups: number;
}

const convolution: Primitive<ConvolutionAttributes> = {
  name: 'conv2d',
  infer: (inputs, { groups }) => {
    const [x, w] = inputs as [Value, Value];
    expectRank(x, 4, 'the picture');
    expectRank(w, 4, 'the kernel');
    const [batch, channels, height, width] = x.shape as [number, number, number, number];
    const [outputs, inner, kernelHeight, kernelWidth] = w.shape as [number, number, number, number];
    if (groups !== 1 && groups !== channels) throw new Error('groups must be 1 or the channels');
    expectSame(inner * groups, channels, 'channels of the kernel times groups');
    if (groups > 1) expectSame(outputs, channels, 'output channels of a depthwise kernel');
    if (kernelHeight % 2 === 0 || kernelWidth % 2 === 0)
      throw new Error('kernel sizes must be odd');
    return [{ dtype: sameType(inputs), shape: [batch, outputs, height, width] }];
  },
  emit(e, { inputs: [x, w], outputs: [y] }, { groups }) {
    const [m, n] = [w!.shape[2]! >> 1, w!.shape[3]! >> 1];
    e.operator('Conv', [e.name(x!), e.name(w!)], [e.name(y!)], {
      pads: [m, n, m, n],
      group: groups,
    });
  },
  derivative({ inputs, cotangents: [dy], attributes: { groups } }) {
    const [x, w] = inputs as [Value, Value];
    // The same convolution with the kernel turned round: twice as fast as ConvTranspose.
    const turned = groups === 1 ? transpose(turnedRound(w), [1, 0, 2, 3]) : turnedRound(w);
    return [conv2d(dy!, turned, { groups }), kernelGradient(x, dy!, w, groups)];
  },
  flops: ([, w], [y]) => 2 * sizeOf(y!.shape) * sizeOf(w!.shape.slice(1)),
};

function turnedRound(w: Value): Value {
  const [outputs, inputs, height, width] = w.shape as [number, number, number, number];
  return reshape(reverse(reshape(w, [outputs, inputs, height * width]), 2), w.shape);
}

/** d loss / d kernel: one product of the cotangent with the picture for each place of the kernel. */
function kernelGradient(x: Value, dy: Value, w: Value, groups: number): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const [outputs, , kernelHeight, kernelWidth] = w.shape as [number, number, number, number];
  const padded = pad(
    pad(x, 2, kernelHeight >> 1, kernelHeight >> 1),
    3,
    kernelWidth >> 1,
    kernelWidth >> 1,
  );
  const flatDy = reshape(dy, [batch, outputs, height * width]);
  const places: Value[] = [];
  for (let i = 0; i < kernelHeight; i++)
    for (let j = 0; j < kernelWidth; j++) {
      const shifted = slice(slice(padded, 2, i, i + height), 3, j, j + width);
      const flatX = reshape(shifted, [batch, channels, height * width]);
      const product =
        groups === 1
          ? reduceSum(matmul(flatDy, flatX, { transposeB: true }), [0])
          : reduceSum(
              matmul(
                reshape(dy, [batch, channels, 1, height * width]),
                reshape(shifted, [batch, channels, 1, height * width]),
                { transposeB: true },
              ),
              [0],
            );
      places.push(reshape(product, [outputs, w.shape[1]!, 1]));
    }
  return reshape(concat(places, 2), w.shape);
}

/**
 * Matrix product over the last two axes, `[..., M, K] x [..., K, N]`; leading axes broadcast.
 * With `transposeA` or `transposeB` that operand is given with its last two axes exchanged.
 */
export function matmul(a: Value, b: Value, options: Partial<MatmulAttributes> = {}): Value {
  const { transposeA = false, transposeB = false } = options;
  return apply(matrixProduct, [a, b], { transposeA, transposeB });
}

/**
 * Convolution with stride 1 and zero padding that keeps the size.
 * `x` `[B, C, H, W]`, `w` `[O, C / groups, kh, kw]` with odd sizes; result `[B, O, H, W]`.
 */
export const conv2d = (x: Value, w: Value, { groups = 1 } = {}): Value =>
  apply(convolution, [x, w], { groups });
