import { apply, axisOf } from '../graph.ts';
import { normaliseAxis } from '../shape.ts';
import {
  type Emitter,
  type GraphNode,
  type Primitive,
  type Shape,
  sizeOf,
  type Value,
} from '../value.ts';
import { div, equal, mul, sub } from './elementwise.ts';
import { broadcastTo, reshape } from './layout.ts';

interface Reduction {
  readonly axes: readonly number[];
}

const kept = (shape: Shape, axes: readonly number[]): Shape =>
  shape.map((size, axis) => (axes.includes(axis) ? 1 : size));

function emitReduction(operator: string) {
  return (e: Emitter, { inputs: [x], outputs: [y] }: GraphNode, { axes }: Reduction): void =>
    // Over no axes nothing is reduced; without the attribute ONNX would reduce all of them.
    e.operator(operator, [e.name(x!), e.integers(axes)], [e.name(y!)], {
      keepdims: 1,
      noop_with_empty_axes: 1,
    });
}

/**
 * How a sum is one over the middle of `[outer, summed, inner]`, where it is; axes of size 1 count for
 * nothing.
 */
function summedInTheMiddle(shape: Shape, axes: readonly number[]) {
  const wide = shape.flatMap((size, axis) =>
    size > 1 ? [{ size, over: axes.includes(axis) }] : [],
  );
  const first = wide.findIndex(({ over }) => over);
  const last = wide.findLastIndex(({ over }) => over);
  if (first < 0 || wide.slice(first, last).some(({ over }) => !over)) return undefined;
  const product = (part: typeof wide) => part.reduce((all, { size }) => all * size, 1);
  return {
    outer: product(wide.slice(0, first)),
    summed: product(wide.slice(first, last + 1)),
    inner: product(wide.slice(last + 1)),
  };
}

/**
 * A sum over axes before the last ones is a product with ones, which takes the runtime a tenth of the
 * time of its reduction; {@link Primitive.flops} counts the sum.
 */
function emitSum(e: Emitter, node: GraphNode, reduction: Reduction): void {
  const {
    inputs: [x],
    outputs: [y],
  } = node;
  const middle = summedInTheMiddle(x!.shape, reduction.axes);
  if (!middle || middle.inner === 1) {
    emitReduction('ReduceSum')(e, node, reduction);
    return;
  }
  const { outer, summed, inner } = middle;
  const [apart, product] = [e.temporary(), e.temporary()];
  const ones = e.ones([1, summed], x!.dtype);
  e.operator('Reshape', [e.name(x!), e.integers([outer, summed, inner])], [apart]);
  e.operator('MatMul', [ones, apart], [product]);
  e.operator('Reshape', [product, e.integers(y!.shape)], [e.name(y!)]);
}

const sum: Primitive<Reduction> = {
  name: 'reduceSum',
  infer: ([x], { axes }) => [{ dtype: x!.dtype, shape: kept(x!.shape, axes) }],
  emit: emitSum,
  derivative: ({ inputs: [x], cotangents: [dy] }) => [broadcastTo(dy!, x!.shape)],
  flops: ([x]) => sizeOf(x!.shape),
};

const maximum: Primitive<Reduction> = {
  name: 'reduceMax',
  infer: ([x], { axes }) => [{ dtype: x!.dtype, shape: kept(x!.shape, axes) }],
  emit: emitReduction('ReduceMax'),
  derivative: ({ inputs: [x], outputs: [y], cotangents: [dy], attributes: { axes } }) => {
    // Ties share the cotangent, so that the derivative does not depend on their order.
    const chosen = equal(x!, y!);
    return [mul(div(dy!, reduceSum(chosen, axes)), chosen)];
  },
  flops: ([x]) => sizeOf(x!.shape),
};

const normalisedExponential: Primitive<undefined> = {
  name: 'softmax',
  infer: ([x]) => {
    normaliseAxis(-1, x!.shape.length);
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  emit: (e, { inputs: [x], outputs: [y] }) =>
    e.operator('Softmax', [e.name(x!)], [e.name(y!)], { axis: -1 }),
  derivative: ({ outputs: [y], cotangents: [dy] }) => {
    const weighted = mul(dy!, y!);
    return [sub(weighted, mul(y!, reduceSum(weighted, [-1])))];
  },
  flops: (_, [y]) => 5 * sizeOf(y!.shape),
};

interface CumulativeSum {
  readonly axis: number;
  readonly reverse: boolean;
}

const runningSum: Primitive<CumulativeSum> = {
  name: 'cumulativeSum',
  infer: ([x], { axis }) => {
    normaliseAxis(axis, x!.shape.length);
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  emit: (e, { inputs: [x], outputs: [y] }, { axis, reverse }) =>
    e.operator('CumSum', [e.name(x!), e.scalar(axis, 'int64')], [e.name(y!)], {
      reverse: reverse ? 1 : 0,
    }),
  derivative: ({ cotangents: [dy], attributes: { axis, reverse } }) => [
    cumulativeSum(dy!, axis, !reverse),
  ],
  flops: ([x]) => sizeOf(x!.shape),
};

const axesOf = (
  operator: string,
  x: Value,
  axes: readonly number[] = x.shape.map((_, axis) => axis),
): Reduction => ({
  axes: axes.map((axis) => axisOf(operator, x, axis)),
});

/** Sum over axes (all of them when not given); the axes stay, with size 1. */
export const reduceSum = (x: Value, axes?: readonly number[]): Value =>
  apply(sum, [x], axesOf('reduceSum', x, axes));

/** Maximum over axes; the axes stay, with size 1. Equal maxima share the derivative. */
export const reduceMax = (x: Value, axes?: readonly number[]): Value =>
  apply(maximum, [x], axesOf('reduceMax', x, axes));

/** Mean over axes (all of them when not given); the axes stay, with size 1. */
export function reduceMean(x: Value, axes?: readonly number[]): Value {
  const total = reduceSum(x, axes);
  return mul(total, sizeOf(total.shape) / sizeOf(x.shape));
}

/** Mean over everything, as a scalar. */
export const mean = (x: Value): Value => reshape(reduceMean(x), []);

/** Softmax over the last axis. */
export const softmax = (x: Value): Value => apply(normalisedExponential, [x], undefined);

/** Sum of everything up to and with each position along an axis; from the end when `reverse`. */
export const cumulativeSum = (x: Value, axis: number, reverse = false): Value =>
  apply(runningSum, [x], { axis, reverse });
