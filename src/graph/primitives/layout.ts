import { apply, axisOf } from '../graph.ts';
import { broadcast, sameType } from '../shape.ts';
import { type Primitive, type Shape, sizeOf, type Value } from '../value.ts';
import { unbroadcast } from './elementwise.ts';
import { reduceSum } from './reduce.ts';

const free = (): number => 0;

const reshaping: Primitive<{ shape: Shape }> = {
  name: 'reshape',
  infer: ([x], { shape }) => {
    if (sizeOf(shape) !== sizeOf(x!.shape)) throw new Error(`does not fit [${shape.join(',')}]`);
    return [{ dtype: x!.dtype, shape }];
  },
  emit: (e, { inputs: [x], outputs: [y] }, { shape }) =>
    e.operator('Reshape', [e.name(x!), e.integers(shape)], [e.name(y!)]),
  derivative: ({ inputs: [x], cotangents: [dy] }) => [reshape(dy!, x!.shape)],
  flops: free,
};

const transposition: Primitive<{ order: readonly number[] }> = {
  name: 'transpose',
  infer: ([x], { order }) => {
    const axes = order.toSorted((a, b) => a - b);
    if (axes.length !== x!.shape.length || axes.some((axis, i) => axis !== i))
      throw new Error(`[${order.join(',')}] does not order its axes`);
    return [{ dtype: x!.dtype, shape: order.map((axis) => x!.shape[axis]!) }];
  },
  emit: (e, { inputs: [x], outputs: [y] }, { order }) =>
    e.operator('Transpose', [e.name(x!)], [e.name(y!)], { perm: order }),
  derivative: ({ cotangents: [dy], attributes: { order } }) => [
    transpose(dy!, invertPermutation(order)),
  ],
  flops: free,
};

const expansion: Primitive<{ shape: Shape }> = {
  name: 'broadcastTo',
  infer: ([x], { shape }) => {
    if (broadcast(x!.shape, shape).some((size, axis) => size !== shape[axis]))
      throw new Error(`does not broadcast to [${shape.join(',')}]`);
    return [{ dtype: x!.dtype, shape }];
  },
  emit: (e, { inputs: [x], outputs: [y] }, { shape }) =>
    e.operator('Expand', [e.name(x!), e.integers(shape)], [e.name(y!)]),
  derivative: ({ inputs: [x], cotangents: [dy] }) => [unbroadcast(dy!, x!)],
  flops: free,
};

const concatenation: Primitive<{ axis: number }> = {
  name: 'concat',
  infer: (inputs, { axis }) => {
    const shape = [...inputs[0]!.shape];
    for (const { shape: other } of inputs.slice(1)) {
      if (other.length !== shape.length || other.some((size, i) => i !== axis && size !== shape[i]))
        throw new Error(`shapes differ outside axis ${axis}`);
      shape[axis] = shape[axis]! + other[axis]!;
    }
    return [{ dtype: sameType(inputs), shape }];
  },
  emit: (e, { inputs, outputs: [y] }, { axis }) =>
    e.operator('Concat', inputs.map(e.name), [e.name(y!)], { axis }),
  derivative: ({ inputs, cotangents: [dy], attributes: { axis } }) => {
    let start = 0;
    return inputs.map((input) => {
      const part = slice(dy!, axis, start, start + input.shape[axis]!);
      start += input.shape[axis]!;
      return part;
    });
  },
  flops: free,
};

const slicing: Primitive<{ axis: number; start: number; end: number }> = {
  name: 'slice',
  infer: ([x], { axis, start, end }) => {
    const size = x!.shape[axis]!;
    if (!(0 <= start && start < end && end <= size))
      throw new Error(`${start}..${end} of axis ${axis}, which has ${size}`);
    return [{ dtype: x!.dtype, shape: x!.shape.with(axis, end - start) }];
  },
  emit: (e, { inputs: [x], outputs: [y] }, { axis, start, end }) =>
    e.operator(
      'Slice',
      [e.name(x!), e.integers([start]), e.integers([end]), e.integers([axis])],
      [e.name(y!)],
    ),
  derivative: ({ inputs: [x], cotangents: [dy], attributes: { axis, start, end } }) => [
    pad(dy!, axis, start, x!.shape[axis]! - end),
  ],
  flops: free,
};

const padding: Primitive<{ axis: number; before: number; after: number }> = {
  name: 'pad',
  infer: ([x], { axis, before, after }) => {
    if (before < 0 || after < 0) throw new Error('padding must not be negative');
    return [{ dtype: x!.dtype, shape: x!.shape.with(axis, before + x!.shape[axis]! + after) }];
  },
  emit: (e, { inputs: [x], outputs: [y] }, { axis, before, after }) => {
    // All axes are given: where the runtime turns the layout (WebGPU) it overlooks Pad's own `axes`.
    const none = x!.shape.map(() => 0);
    const pads = [...none.with(axis, before), ...none.with(axis, after)];
    e.operator('Pad', [e.name(x!), e.integers(pads)], [e.name(y!)]);
  },
  derivative: ({ inputs: [x], cotangents: [dy], attributes: { axis, before } }) => [
    slice(dy!, axis, before, before + x!.shape[axis]!),
  ],
  flops: free,
};

/** A last axis of so few places is shifted by a product with zeros and ones: Pad has one thread and copies row by row. */
const NARROW = 32;

const shifting: Primitive<{ axis: number; by: number }> = {
  name: 'shift',
  infer: ([x], { axis, by }) => {
    if (Math.abs(by) >= x!.shape[axis]!)
      throw new Error(`by ${by} along axis ${axis}, which has ${x!.shape[axis]}`);
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  emit: (e, { inputs: [x], outputs: [y] }, { axis, by }) => {
    const size = x!.shape[axis]!;
    if (axis > 0 && axis === x!.shape.length - 1 && size <= NARROW && x!.dtype === 'float32') {
      const places = Float32Array.from({ length: size * size }, (_, at) =>
        Number((at % size) - Math.floor(at / size) === by),
      );
      e.operator('MatMul', [e.name(x!), e.numbers(places, [size, size])], [e.name(y!)]);
      return;
    }
    // What is padded at one end is cut off at the other.
    const none = x!.shape.map(() => 0);
    const pads = [...none.with(axis, by), ...none.with(axis, -by)];
    e.operator('Pad', [e.name(x!), e.integers(pads)], [e.name(y!)]);
  },
  derivative: ({ cotangents: [dy], attributes: { axis, by } }) => [shift(dy!, axis, -by)],
  flops: free,
};

/** So few places of the last axis are picked by a product with zeros and ones, a tenth of the time. */
const FEW = 16;

const taking: Primitive<{ axis: number; indices: readonly number[] }> = {
  name: 'take',
  infer: ([x], { axis, indices }) => {
    inverseIndices(indices, x!.shape[axis]!);
    return [{ dtype: x!.dtype, shape: x!.shape.with(axis, indices.length) }];
  },
  emit: (e, { inputs: [x], outputs: [y] }, { axis, indices }) => {
    const size = x!.shape[axis]!;
    const few = axis > 0 && axis === x!.shape.length - 1 && indices.length <= FEW;
    if (few && x!.dtype === 'float32') {
      const chosen = Float32Array.from({ length: size * indices.length }, (_, at) =>
        Number(indices[at % indices.length] === Math.floor(at / indices.length)),
      );
      const picking = e.numbers(chosen, [size, indices.length]);
      e.operator('MatMul', [e.name(x!), picking], [e.name(y!)]);
    } else e.operator('Gather', [e.name(x!), e.integers(indices)], [e.name(y!)], { axis });
  },
  derivative: ({ inputs: [x], cotangents: [dy], attributes: { axis, indices } }) => {
    const size = x!.shape[axis]!;
    const copies = take(dy!, axis, inverseIndices(indices, size));
    if (indices.length === size) return [copies];
    const apart = x!.shape.toSpliced(axis, 1, indices.length / size, size);
    return [reshape(reduceSum(reshape(copies, apart), [axis]), x!.shape)];
  },
  flops: free,
};

/** For indices that take each of `size` places k times: where its k copies are, `[k, size]` flat. */
function inverseIndices(indices: readonly number[], size: number): readonly number[] {
  const copies = indices.length / size;
  const inverse = new Array<number>(indices.length).fill(-1);
  const seen = new Array<number>(size).fill(0);
  indices.forEach((index, position) => {
    const copy = seen[index];
    if (copy === undefined || copy >= copies)
      throw new Error(`${indices.length} indices must take each of ${size} places equally often`);
    seen[index] = copy + 1;
    inverse[copy * size + index] = position;
  });
  return inverse;
}

/** The order that undoes an order. */
export function invertPermutation(order: readonly number[]): readonly number[] {
  return inverseIndices(order, order.length);
}

/** The same elements under another shape; of several reshapes in a row only the last is left. */
export function reshape(x: Value, shape: Shape): Value {
  const before = x.node?.primitive as Primitive<{ shape: Shape }> | undefined;
  if (before === reshaping) return reshape(x.node!.inputs[0]!, shape);
  const same = shape.length === x.shape.length && shape.every((size, i) => size === x.shape[i]);
  return same ? x : apply(reshaping, [x], { shape });
}

/**
 * Axes in another order: axis `i` of the result is axis `order[i]` of `x`. Where nothing moves but
 * axes of size 1, it is a reshape.
 */
export function transpose(x: Value, order: readonly number[]): Value {
  const wide = order.filter((axis) => x.shape[axis] !== 1);
  const moved = wide.some((axis, i) => i > 0 && axis < wide[i - 1]!);
  if (moved || new Set(order).size !== x.shape.length) return apply(transposition, [x], { order });
  return reshape(
    x,
    order.map((axis) => x.shape[axis]!),
  );
}

/** `x` repeated along its axes of size 1, and along new leading axes, up to a shape. */
export function broadcastTo(x: Value, shape: Shape): Value {
  const same = shape.length === x.shape.length && shape.every((size, i) => size === x.shape[i]);
  return same ? x : apply(expansion, [x], { shape });
}

/** Values one after the other along an axis. */
export const concat = (values: readonly Value[], axis: number): Value =>
  values.length === 1
    ? values[0]!
    : apply(concatenation, values, { axis: axisOf('concat', values[0]!, axis) });

/** Positions `start..end-1` along an axis. */
export function slice(x: Value, axis: number, start: number, end: number): Value {
  const normal = axisOf('slice', x, axis);
  if (start === 0 && end === x.shape[normal]) return x;
  return apply(slicing, [x], { axis: normal, start, end });
}

/** Zeros before and after, along an axis. */
export function pad(x: Value, axis: number, before: number, after: number): Value {
  if (before === 0 && after === 0) return x;
  return apply(padding, [x], { axis: axisOf('pad', x, axis), before, after });
}

/**
 * Everything moved along an axis by a number of places, which may be negative; zeros follow, and what
 * leaves is lost. Fewer places than the axis has. Numbers must be finite.
 */
export function shift(x: Value, axis: number, by: number): Value {
  return by === 0 ? x : apply(shifting, [x], { axis: axisOf('shift', x, axis), by });
}

/**
 * `x[indices]` along an axis. The indices must take every place equally often: a permutation, or
 * several of them one after the other; the derivative is then a take as well. Numbers must be finite.
 */
export const take = (x: Value, axis: number, indices: readonly number[]): Value =>
  apply(taking, [x], { axis: axisOf('take', x, axis), indices });

/** The order of an axis turned round. */
export function reverse(x: Value, axis: number): Value {
  const size = x.shape[axisOf('reverse', x, axis)]!;
  return take(
    x,
    axis,
    Array.from({ length: size }, (_, i) => size - 1 - i),
  );
}
