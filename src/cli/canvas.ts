import type { OriginalPicture, Size } from '../video/frame.ts';

export type Colour = readonly [red: number, green: number, blue: number];

/** A picture to draw on: RGB bytes, interleaved, `[height, width, 3]`. Edges are whole pixels; `right` and `bottom` are not part of a shape. */
export class Canvas implements Size {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.data = new Uint8Array(width * height * 3);
  }

  /** Fills the upper left corner with a picture, enlarged or reduced to `size` by its nearest pixels. */
  picture(picture: OriginalPicture, size: Size): void {
    const bytes = this.width * 3;
    let drawn = -1;
    for (let y = 0; y < size.height; y++) {
      const from = Math.floor((y * picture.height) / size.height);
      const to = y * bytes;
      // Rows repeat where a picture is enlarged.
      if (from === drawn) this.data.copyWithin(to, to - bytes, to - bytes + size.width * 3);
      else this.#row(picture, from, to, size.width);
      drawn = from;
    }
  }

  #row({ data, width }: OriginalPicture, row: number, to: number, count: number): void {
    const from = row * width * 3;
    if (width === count) {
      this.data.set(data.subarray(from, from + width * 3), to);
      return;
    }
    for (let x = 0; x < count; x++) {
      const pixel = from + 3 * Math.floor((x * width) / count);
      for (let c = 0; c < 3; c++) this.data[to + 3 * x + c] = data[pixel + c]!;
    }
  }

  fill(left: number, top: number, right: number, bottom: number, colour: Colour): void {
    const [red, green, blue] = colour;
    for (let y = Math.max(0, top); y < Math.min(this.height, bottom); y++) {
      const end = (y * this.width + Math.min(this.width, right)) * 3;
      for (let at = (y * this.width + Math.max(0, left)) * 3; at < end; at += 3) {
        this.data[at] = red;
        this.data[at + 1] = green;
        this.data[at + 2] = blue;
      }
    }
  }

  outline(
    left: number,
    top: number,
    right: number,
    bottom: number,
    thickness: number,
    colour: Colour,
  ): void {
    this.fill(left, top, right, top + thickness, colour);
    this.fill(left, bottom - thickness, right, bottom, colour);
    this.fill(left, top, left + thickness, bottom, colour);
    this.fill(right - thickness, top, right, bottom, colour);
  }
}
