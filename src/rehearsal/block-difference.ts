import { CausalBox } from '../scoring/smoothing.ts';
import type { FrameFormat } from '../video/frame.ts';

/** Pixels of a block's side. */
const BLOCK = 8;

/**
 * A floor to compare with, which learns nothing: the largest mean absolute difference of a block from
 * the frame before, smoothed as the score is.
 */
export class BlockDifference {
  readonly #format: FrameFormat;
  readonly #box: CausalBox;
  #last: Uint8Array | undefined;

  /** @param window frames of the smoothing */
  constructor(format: FrameFormat, window: number) {
    this.#format = format;
    this.#box = new CausalBox(window);
  }

  /** @param picture `[channels, height, width]`, kept until the next one */
  push(picture: Uint8Array): number {
    const { width, height } = this.#format;
    let worst = 0;
    // The first channel tells motion well enough.
    if (this.#last)
      for (let top = 0; top + BLOCK <= height; top += BLOCK)
        for (let left = 0; left + BLOCK <= width; left += BLOCK)
          worst = Math.max(worst, blockDifference(picture, this.#last, top * width + left, width));
    this.#last = picture;
    return this.#box.push([worst])[0]!;
  }
}

function blockDifference(a: Uint8Array, b: Uint8Array, first: number, width: number): number {
  let sum = 0;
  for (let row = 0; row < BLOCK; row++)
    for (let at = first + row * width, end = at + BLOCK; at < end; at++)
      sum += Math.abs(a[at]! - b[at]!);
  return sum / BLOCK ** 2;
}
