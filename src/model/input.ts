import { type Graph, mul, type Shape, sub, toReal, type Value } from '../graph/index.ts';
import { clipOffsets, type ModelConfiguration } from './configuration.ts';

/** The frames of `batch` clips, `[B, offsets, C, H, W]`. */
export function clipShape(c: ModelConfiguration, batch: number): Shape {
  const { channels, height, width } = c.input;
  return [batch, clipOffsets(c).length, channels, height, width];
}

/**
 * The input of a clip graph: bytes under the name `frames`, scaled to [-1, 1]. Bytes, because they
 * are a quarter of the memory and the runtime scales them quicker than a loop could.
 * @returns {@link clipShape}
 */
export function clipInput(graph: Graph, c: ModelConfiguration, batch: number): Value {
  return scaled(graph.input('frames', clipShape(c, batch), 'uint8'));
}

/** Bytes as numbers in [-1, 1]. */
export const scaled = (bytes: Value): Value => sub(mul(toReal(bytes), 1 / 127.5), 1);
