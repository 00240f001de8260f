import type { ModelConfiguration } from '../../src/model/configuration.ts';
import { Random } from '../../src/nn/random.ts';

/** Frames of a stream, each its own noise over a ground that drifts. */
export function footage({ input }: ModelConfiguration, count: number, seed: string): Uint8Array[] {
  const random = new Random(seed);
  const size = input.channels * input.height * input.width;
  return Array.from({ length: count }, (_, t) =>
    Uint8Array.from({ length: size }, (_, i) => 100 + 60 * Math.sin(i / 5 + t) + random.below(60)),
  );
}

export async function* inOrder(frames: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* frames;
}

export async function gather<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
