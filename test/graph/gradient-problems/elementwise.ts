import fc from 'fast-check';
import type { Value } from '../../../src/graph/index.ts';
import * as g from '../../../src/graph/index.ts';
import { type Options, problem, seed, shapes, stretchable, unary } from './problem.ts';

type Binary = (a: Value | number, b: Value | number) => Value;
/** Two values that broadcast, or a value and a number on either side. */
const binary = (what: string, f: Binary, options: Options = {}) =>
  fc.oneof(
    shapes()
      .chain((to) => fc.tuple(stretchable(to), stretchable(to), seed))
      .map(([a, b, seed]) => problem(what, [a, b], ([x, y]) => [f(x!, y!)], seed, options)),
    fc
      .tuple(shapes(), seed, fc.boolean())
      .map(([shape, seed, left]) =>
        problem(what, [shape], ([x]) => [left ? f(0.7, x!) : f(x!, 0.7)], seed, options),
      ),
  );

/** Steps have a derivative of 0: added to the value itself, that of the sum is 1 everywhere. */
const withoutDerivative = (f: (x: Value) => Value) => (x: Value) => g.add(f(x), x);

const positive = { from: 0.4, to: 2 };

export const elementwise = {
  add: binary('add', g.add),
  sub: binary('sub', g.sub),
  mul: binary('mul', g.mul),
  div: fc.oneof(
    binary('div', g.div, positive),
    binary('div', (a, b) => g.div(a, typeof b === 'number' ? -b : g.neg(b)), positive),
  ),
  neg: unary('neg', g.neg),
  exp: unary('exp', g.exp),
  log: unary('log', g.log, positive),
  sqrt: unary('sqrt', g.sqrt, positive),
  square: unary('square', g.square),
  sigmoid: unary('sigmoid', g.sigmoid),
  softplus: unary('softplus', g.softplus, { float: 'float32', step: 0.03, tolerance: 1e-3 }),
  relu: unary('relu', g.relu),
  silu: fc.oneof(
    unary('silu', g.silu),
    unary('silu', g.silu, { float: 'float32', step: 0.03, tolerance: 1e-3 }),
  ),
  abs: unary('abs', g.abs),
  sign: unary('sign', withoutDerivative(g.sign)),
  step: unary('step', withoutDerivative(g.step)),
  toReal: unary('toReal', g.toReal),
  equal: fc.oneof(
    binary('equal', (a, b) => g.add(g.equal(a, b), g.add(a, b))),
    // Equal at every element.
    unary('equal', (x) => g.add(g.equal(x, g.mul(x, 1)), x)),
  ),
};
