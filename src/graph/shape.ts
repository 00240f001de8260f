import type { DType, Shape, Value } from './value.ts';

/** The shape two shapes broadcast to, as in NumPy. @throws Error when they do not. */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const m = a[axis - rank + a.length] ?? 1;
    const n = b[axis - rank + b.length] ?? 1;
    if (m !== n && m !== 1 && n !== 1)
      throw new Error(`shapes [${a.join(',')}] and [${b.join(',')}] do not broadcast`);
    return Math.max(m, n);
  });
}

/** The axes along which `from` was stretched to become `to`. */
export function stretchedAxes(from: Shape, to: Shape): number[] {
  const missing = to.length - from.length;
  return to.flatMap((size, axis) =>
    axis < missing || (from[axis - missing] === 1 && size !== 1) ? [axis] : [],
  );
}

/** A non-negative axis. @throws Error when there is no such axis. */
export function normaliseAxis(axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(normal) || normal < 0 || normal >= rank)
    throw new Error(`axis ${axis} of a value of rank ${rank}`);
  return normal;
}

/** The one type of all inputs. @throws Error when they differ. */
export function sameType(inputs: readonly Value[]): DType {
  const dtype = inputs[0]!.dtype;
  if (inputs.some((input) => input.dtype !== dtype)) throw new Error('element types differ');
  return dtype;
}

/** Fails unless a value has the rank. */
export function expectRank(value: Value, rank: number, what: string): void {
  if (value.shape.length !== rank)
    throw new Error(`${what} must have ${rank} axes, has ${value.shape.length}`);
}

/** Fails unless two sizes, or two shapes as text, agree. */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) throw new Error(`${what} is ${actual}, expected ${expected}`);
}
