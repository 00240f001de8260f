import { type Shape, sizeOf, type Value } from '../../src/graph/index.ts';
import { Random } from '../../src/nn/random.ts';
import { type Feed, Session, type Tensor } from '../../src/runtime/session.ts';

/** Compiles a graph, runs it once, and lets it go. */
export async function evaluate(
  outputs: Readonly<Record<string, Value>>,
  feeds: Readonly<Record<string, Feed>>,
): Promise<Record<string, Tensor>> {
  const session = await Session.compile(outputs);
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

/** Standard normal numbers that depend on the seed alone. */
export function normal(shape: Shape, seed: string | number): Tensor {
  const random = new Random(`${seed}`);
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => random.normal()) };
}

/**
 * The largest difference of two tensors over the largest element of the second, which counts as
 * `floor` at least.
 */
export function relativeError(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  floor = 0,
): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [difference, largest] = [0, floor];
  for (let i = 0; i < expected.length; i++) {
    const apart = Math.abs(actual[i]! - expected[i]!);
    if (Number.isNaN(apart)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, apart);
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return difference / (largest || 1);
}
