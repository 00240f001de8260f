import fc from 'fast-check';
import { type FloatType, type Shape, sizeOf, type Value } from '../../../src/graph/index.ts';
import { type Problem, spread } from '../central-differences.ts';

type Build = Problem['build'];
export interface Options {
  readonly float?: FloatType;
  readonly from?: number;
  readonly to?: number;
  readonly step?: number;
  readonly tolerance?: number;
}

export const seed = fc.nat(1e6);

/** float64 where nothing else is said; float32 for the operators that the runtime has no other kernel for. */
export function problem(
  what: string,
  shapes: readonly Shape[],
  build: Build,
  seed: number,
  { float = 'float64', from, to, ...options }: Options = {},
): Problem {
  const range = {
    float,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
  return {
    what: `${what} (${shapes.map((shape) => `[${shape}]`).join(', ')}, ${float})`,
    float,
    inputs: shapes.map((shape, i) => spread(shape, seed + i, range)),
    build,
    step: options.step ?? (float === 'float64' ? 1e-5 : 0.5),
    tolerance: options.tolerance ?? (float === 'float64' ? 1e-7 : 1e-4),
  };
}

/** Shapes of any rank from `least` on, with sizes of 1 among them. */
export const shapes = (least = 0): fc.Arbitrary<readonly number[]> =>
  fc
    .array(fc.integer({ min: 1, max: 4 }), { minLength: least, maxLength: 4 })
    .filter((shape) => sizeOf(shape) <= 32);

/** A shape that broadcasts to another: without its first axes, and with some of the others of size 1. */
export const stretchable = (to: Shape): fc.Arbitrary<readonly number[]> =>
  fc
    .tuple(fc.nat(to.length), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
    .map(([missing, ones]) => to.slice(missing).map((size, axis) => (ones[axis] ? 1 : size)));

export const shapeAndAxis = shapes(1).chain((shape) =>
  // Negative axes count from the end.
  fc.tuple(fc.constant(shape), fc.integer({ min: -shape.length, max: shape.length - 1 })),
);

/** A function of one value, at any shape. */
export const unary = (what: string, f: (x: Value) => Value, options: Options = {}, least = 0) =>
  fc
    .tuple(shapes(least), seed)
    .map(([shape, seed]) => problem(what, [shape], ([x]) => [f(x!)], seed, options));
