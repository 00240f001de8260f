import fc from 'fast-check';
import * as g from '../../../src/graph/index.ts';
import { sizeOf } from '../../../src/graph/index.ts';
import { problem, seed, shapeAndAxis, shapes, stretchable } from './problem.ts';

export const layout = {
  reshape: shapes()
    .chain((shape) => {
      const others = [[sizeOf(shape)], shape.toReversed(), [...shape, 1], [1, ...shape]];
      return fc.tuple(fc.constant(shape), fc.constantFrom(...others), seed);
    })
    .map(([shape, to, seed]) =>
      problem(`reshape to [${to}]`, [shape], ([x]) => [g.reshape(x!, to)], seed),
    ),
  transpose: shapes()
    .chain((shape) => {
      const axes = shape.map((_, axis) => axis);
      const order = fc.shuffledSubarray(axes, { minLength: axes.length });
      return fc.tuple(fc.constant(shape), order, seed);
    })
    .map(([shape, order, seed]) =>
      problem(`transpose by [${order}]`, [shape], ([x]) => [g.transpose(x!, order)], seed),
    ),
  broadcastTo: shapes()
    .chain((to) => fc.tuple(stretchable(to), fc.constant(to), seed))
    .map(([shape, to, seed]) =>
      problem(`broadcastTo [${to}]`, [shape], ([x]) => [g.broadcastTo(x!, to)], seed),
    ),
  concat: shapeAndAxis
    .chain(([shape, axis]) => {
      const sizes = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 });
      return fc.tuple(fc.constant(shape), fc.constant(axis), sizes, seed);
    })
    .map(([shape, axis, sizes, seed]) => {
      const parts = sizes.map((size) => shape.with(axis, size));
      return problem(`concat along ${axis}`, parts, (values) => [g.concat(values, axis)], seed);
    }),
  slice: shapeAndAxis
    .chain(([shape, axis]) => {
      const size = shape.at(axis)!;
      const range = fc
        .nat(size - 1)
        .chain((start) => fc.tuple(fc.constant(start), fc.integer({ min: start + 1, max: size })));
      return fc.tuple(fc.constant(shape), fc.constant(axis), range, seed);
    })
    .map(([shape, axis, [start, end], seed]) =>
      problem(
        `slice ${start}..${end} of ${axis}`,
        [shape],
        ([x]) => [g.slice(x!, axis, start, end)],
        seed,
      ),
    ),
  pad: fc
    .tuple(shapeAndAxis, fc.nat(2), fc.nat(2), seed)
    .map(([[shape, axis], before, after, seed]) =>
      problem(
        `pad ${before}, ${after} of ${axis}`,
        [shape],
        ([x]) => [g.pad(x!, axis, before, after)],
        seed,
      ),
    ),
  shift: shapeAndAxis
    .chain(([shape, axis]) => {
      const most = shape.at(axis)! - 1;
      const by = fc.integer({ min: -most, max: most });
      return fc.tuple(fc.constant(shape), fc.constant(axis), by, seed);
    })
    .map(([shape, axis, by, seed]) =>
      problem(`shift by ${by} along ${axis}`, [shape], ([x]) => [g.shift(x!, axis, by)], seed),
    ),
  take: shapeAndAxis
    .chain(([shape, axis]) => {
      const places = Array.from({ length: shape.at(axis)! }, (_, place) => place);
      const indices = fc.integer({ min: 1, max: 3 }).chain((copies) => {
        const all = Array.from({ length: copies }, () => places).flat();
        return fc.shuffledSubarray(all, { minLength: all.length });
      });
      return fc.tuple(fc.constant(shape), fc.constant(axis), indices, seed);
    })
    .map(([shape, axis, indices, seed]) =>
      problem(`take [${indices}] of ${axis}`, [shape], ([x]) => [g.take(x!, axis, indices)], seed),
    ),
  reverse: fc
    .tuple(shapeAndAxis, seed)
    .map(([[shape, axis], seed]) =>
      problem(`reverse ${axis}`, [shape], ([x]) => [g.reverse(x!, axis)], seed),
    ),
};
