import { apply } from '../graph.ts';
import { emitBlocked } from '../onnx/blocked-convolution.ts';
import { emitInt8 } from '../onnx/int8-convolution.ts';
import { broadcast, expectRank, expectSame, sameType } from '../shape.ts';
import { type Primitive, sizeOf, type Value } from '../value.ts';
import { mul, unbroadcast } from './elementwise.ts';
import { concat, reshape, reverse, shift, transpose } from './layout.ts';
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
    } else if (y!.dtype === 'float32' && e.has('FusedMatMul')) {
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
    if (inputs[2]) expectSame(inputs[2].shape.join(), `${outputs}`, 'shape of the bias');
    if (groups > 1) expectSame(outputs, channels, 'output channels of a depthwise kernel');
    if (kernelHeight % 2 === 0 || kernelWidth % 2 === 0)
      throw new Error('kernel sizes must be odd');
    return [{ dtype: sameType(inputs), shape: [batch, outputs, height, width] }];
  },
  emit(e, node, { groups }) {
    const { inputs, outputs } = node;
    const w = inputs[1];
    const [m, n] = [w!.shape[2]! >> 1, w!.shape[3]! >> 1];
    const attributes = { pads: [m, n, m, n], group: groups };
    const ranges = groups === 1 ? e.ranges(node) : undefined;
    if (ranges && emitInt8(e, node, ranges, attributes)) return;
    if (emitBlocked(e, node, groups)) return;
    e.operator('Conv', inputs.map(e.name), outputs.map(e.name), attributes);
  },
  derivative({ inputs, cotangents: [dy], attributes: { groups } }) {
    const [x, w, bias] = inputs as [Value, Value, Value | undefined];
    // The same convolution with the kernel turned round: twice as fast as ConvTranspose.
    const turned = groups === 1 ? transpose(turnedRound(w), [1, 0, 2, 3]) : turnedRound(w);
    const toX = conv2d(dy!, turned, undefined, { groups });
    const toW = kernelGradient(x, dy!, w, groups);
    return bias ? [toX, toW, reshape(reduceSum(dy!, [0, 2, 3]), bias.shape)] : [toX, toW];
  },
  flops: ([, w, bias], [y]) => sizeOf(y!.shape) * (2 * sizeOf(w!.shape.slice(1)) + (bias ? 1 : 0)),
};

function turnedRound(w: Value): Value {
  const [outputs, inputs, height, width] = w.shape as [number, number, number, number];
  return reshape(reverse(reshape(w, [outputs, inputs, height * width]), 2), w.shape);
}

/**
 * d loss / d kernel: for each place of the kernel a product of the cotangent with the picture, shifted.
 * The cotangent is shifted along the columns, and the copies go into one product with the picture,
 * which is shifted along the rows: four shifts for a 3x3 kernel where the picture alone would need eight.
 */
function kernelGradient(x: Value, dy: Value, w: Value, groups: number): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const [outputs, inner, rows, columns] = w.shape as [number, number, number, number];
  const length = height * width;
  const picture = reshape(x, [batch, channels, length]);
  const byColumn = offsets(columns).map((by) => shifted(dy, 3, by));
  const byRow = offsets(rows).map((by) => shifted(picture, 2, -by * width));
  if (groups > 1) {
    const apart = byColumn.map((value) => reshape(value, [batch, channels, 1, length]));
    const cotangents = concat(apart, 2);
    const products = byRow.map((value) =>
      matmul(cotangents, reshape(value, [batch, channels, length, 1])),
    );
    const summed = reduceSum(concat(products, 3), [0]); // [1, channels, columns, rows]
    return reshape(transpose(summed, [0, 1, 3, 2]), w.shape);
  }
  const cotangents = concat(
    byColumn.map((value) => reshape(value, [batch, outputs, length])),
    1,
  );
  const products = byRow.map((value) =>
    reshape(matmul(cotangents, value, { transposeB: true }), [batch, columns, outputs * inner]),
  );
  const summed = reduceSum(concat(products, 1), [0]); // [1, rows * columns, outputs * inner]
  return reshape(transpose(summed, [0, 2, 1]), w.shape);
}

/** How far each place of a kernel lies from its middle. */
const offsets = (size: number): number[] => Array.from({ length: size }, (_, i) => i - (size >> 1));

/** {@link shift}, also by more places than there are. */
const shifted = (x: Value, axis: number, by: number): Value =>
  Math.abs(by) < x.shape[axis]! ? shift(x, axis, by) : mul(x, 0);

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
 * `x` `[B, C, H, W]`, `w` `[O, C / groups, kh, kw]` with odd sizes, `bias` `[O]`; result `[B, O, H, W]`.
 */
export const conv2d = (x: Value, w: Value, bias?: Value, { groups = 1 } = {}): Value =>
  apply(convolution, bias ? [x, w, bias] : [x, w], { groups });
