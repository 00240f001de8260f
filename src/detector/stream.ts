import { sizeOf } from '../graph/index.ts';
import type { ModelConfiguration } from '../model/configuration.ts';
import { windowShape } from '../model/temporal.ts';
import { Ring } from './ring.ts';

/**
 * What a detector keeps of one camera: its newest frames, and for each time scale the features of its
 * newest differences. It never grows, and belongs to the detector that opened it.
 */
export class Stream {
  readonly frames: Ring<Uint8Array>;
  /** For each time scale the features of differences, `[inner, cells]` each. */
  readonly features: readonly Ring<Float32Array>[];
  /** Frames that came so far. */
  seen = 0;

  /** @param frames frames that a step looks back on, with the scored one */
  constructor(c: ModelConfiguration, frames: number) {
    const { strides, steps } = c.temporal;
    const picture = c.input.channels * c.input.height * c.input.width;
    const step = sizeOf(windowShape(c, 1)) / steps;
    this.frames = new Ring(new Uint8Array(frames * picture), picture);
    this.features = strides.map(
      (stride) => new Ring(new Float32Array(((steps - 1) * stride + 1) * step), step),
    );
  }

  push(frame: Uint8Array): void {
    this.frames.push(frame);
    this.seen += 1;
  }

  /** Memory that one more camera takes. */
  get bytes(): number {
    return [this.frames, ...this.features].reduce((sum, ring) => sum + ring.bytes, 0);
  }
}

/** One frame of one camera. */
export interface StreamFrame {
  readonly stream: Stream;
  /** Bytes `[C, H, W]` of the detector's format. */
  readonly frame: Uint8Array;
}
