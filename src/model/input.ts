import { type Graph, mul, type Shape, sub, toReal, type Value } from '../graph/index.ts';
import { clipOffsets, type ModelConfiguration } from './configuration.ts';

/** One grey level in the model's range of [-1, 1]. */
export const BYTE = 1 / 127.5;

/** The frame `offset` frames before the scored one, `[B, C, H, W]`, scaled to [-1, 1]. */
export type FrameAt = (offset: number) => Value;

/** The frames of `batch` clips, `[B, offsets, C, H, W]`. */
export function clipShape(c: ModelConfiguration, batch: number): Shape {
  const { channels, height, width } = c.input;
  return [batch, clipOffsets(c).length, channels, height, width];
}

/**
 * The input `frames` of a clip graph, as bytes: a quarter of the memory of floats, and faster to move.
 * @returns {@link clipShape}
 */
export function clipInput(graph: Graph, c: ModelConfiguration, batch: number): Value {
  return graph.input('frames', clipShape(c, batch), 'uint8');
}

/** Declares the frames that the graph of a stream's step uses as its inputs, on first use. */
export class StreamFrames {
  readonly #graph: Graph;
  readonly #shape: Shape;
  readonly #frames = new Map<number, Value>();

  /** @param batch frames that are scored together */
  constructor(graph: Graph, { input }: ModelConfiguration, batch: number) {
    this.#graph = graph;
    this.#shape = [batch, input.channels, input.height, input.width];
  }

  /**
   * Frames `offset` before the scored ones, `[B, C, H, W]`, scaled to [-1, 1]; fed as bytes under
   * {@link StreamFrames.input}.
   */
  readonly frame: FrameAt = (offset) => {
    let frame = this.#frames.get(offset);
    if (!frame) {
      frame = scaled(this.#graph.input(StreamFrames.input(offset), this.#shape, 'uint8'));
      this.#frames.set(offset, frame);
    }
    return frame;
  };

  static input(offset: number): string {
    return `frame-${offset}`;
  }

  /** Offsets used so far. */
  get offsets(): readonly number[] {
    return [...this.#frames.keys()];
  }
}

/** Scales bytes, of either type, to [-1, 1]. */
export const scaled = (bytes: Value): Value => sub(mul(toReal(bytes), BYTE), 1);
