import fc from 'fast-check';
import type { Value } from '../../../src/graph/index.ts';
import * as g from '../../../src/graph/index.ts';
import { problem, seed, shapeAndAxis, shapes, unary } from './problem.ts';

/** Some axes, in any order and counted from either end, or all of them by default. */
const reduction = (what: string, f: (x: Value, axes?: readonly number[]) => Value) =>
  shapes()
    .chain((shape) => {
      const all = shape.map((_, axis) => axis);
      const axes = fc
        .tuple(fc.subarray(all), fc.boolean())
        .map(([some, fromEnd]) => (fromEnd ? some.map((axis) => axis - shape.length) : some));
      return fc.tuple(fc.constant(shape), fc.option(axes, { nil: undefined }), seed);
    })
    .map(([shape, axes, seed]) =>
      problem(`${what} over ${axes ?? 'all'}`, [shape], ([x]) => [f(x!, axes)], seed),
    );

export const reduce = {
  reduceSum: reduction('reduceSum', g.reduceSum),
  reduceMax: reduction('reduceMax', g.reduceMax),
  reduceMean: reduction('reduceMean', g.reduceMean),
  mean: unary('mean', g.mean),
  softmax: unary('softmax', g.softmax, {}, 1),
  cumulativeSum: fc
    .tuple(shapeAndAxis, fc.boolean(), seed)
    .map(([[shape, axis], reverse, seed]) =>
      problem(
        `cumulativeSum along ${axis}${reverse ? ' from the end' : ''}`,
        [shape],
        ([x]) => [g.cumulativeSum(x!, axis, reverse)],
        seed,
      ),
    ),
};
