import type { Weights } from '../../src/nn/parameters.ts';
import { Random } from '../../src/nn/random.ts';

/** Weights as if much had been learned: what starts near nothing is away from it. */
export function movedWeights(weights: Weights): Weights {
  const random = new Random('moved');
  return new Map(
    [...weights].map(([name, { shape, data }]) => [
      name,
      { shape, data: data.map((weight) => weight + 0.05 * random.normal()) },
    ]),
  );
}

/** Noisy pictures in which something moves, bytes `[C, H, W]` each. */
export function movingPictures(count: number, pixels: number): Uint8Array[] {
  const random = new Random('pictures');
  return Array.from({ length: count }, (_, t) =>
    Uint8Array.from(
      { length: pixels },
      (_, i) => 120 + 90 * Math.sin(i / 9 + t) + random.below(40),
    ),
  );
}
