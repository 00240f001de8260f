import { writeFile } from 'node:fs/promises';
import type { Size } from '../../src/video/frame.ts';
import type { Luma } from './encode.ts';

/** Bits of an H.264 stream, from the first. */
class Bits {
  readonly #bytes: number[] = [];
  #filled = 0;

  put(value: number, count: number): this {
    for (let bit = count - 1; bit >= 0; bit--) {
      if (this.#filled % 8 === 0) this.#bytes.push(0);
      const last = this.#bytes.length - 1;
      this.#bytes[last]! |= ((value >> bit) & 1) << (7 - (this.#filled++ % 8));
    }
    return this;
  }

  /** Exponential Golomb codes, ue(v) of the standard. */
  golomb(...values: number[]): this {
    for (const value of values) {
      const bits = 32 - Math.clz32(value + 1);
      this.put(0, bits - 1).put(value + 1, bits);
    }
    return this;
  }

  /** Zeros up to the next byte. */
  align(): this {
    return this.put(0, (8 - (this.#filled % 8)) % 8);
  }

  bytes(values: Iterable<number>): this {
    for (const value of values) this.put(value, 8);
    return this;
  }

  /** A unit of the byte stream. @param head its importance and kind */
  unit(head: number): Buffer {
    this.put(1, 1).align();
    const escaped: number[] = [];
    let zeros = 0;
    for (const byte of this.#bytes) {
      if (zeros === 2 && byte <= 3) {
        escaped.push(3);
        zeros = 0;
      }
      escaped.push(byte);
      zeros = byte === 0 ? zeros + 1 : 0;
    }
    return Buffer.from([0, 0, 0, 1, head, ...escaped]);
  }
}

/** Columns and rows of a macroblock. */
const BLOCK = 16;

/**
 * Writes raw H.264 of field pictures (PAFF), which no free encoder makes: each field is a picture of
 * its own, of macroblocks that are not compressed. Gray; two functions make a frame.
 * @param size multiples of 16 and 32
 */
export async function writeFieldPictures(
  path: string,
  { width, height }: Size,
  first: 'top' | 'bottom',
  fields: readonly Luma[],
): Promise<void> {
  const [columns, rows] = [width / BLOCK, height / 2 / BLOCK];
  const sequence = new Bits()
    .bytes([77, 0, 30])
    // Order of pictures by a counter of 8 bits; one reference; the size; not only frames.
    .golomb(0, 0, 0, 4, 1)
    .put(0, 1)
    .golomb(columns - 1, rows - 1)
    .put(0b00100, 5)
    // Direct inference of 8x8, no cropping and no further notes fill the five bits.
    .unit(0x67);
  const picture = new Bits()
    .golomb(0, 0)
    .put(0, 2)
    .golomb(0, 0, 0)
    .put(0, 3)
    .golomb(0, 0, 0)
    .put(0b100, 3)
    .unit(0x68);
  const units = [sequence, picture];
  for (const [at, luma] of fields.entries()) {
    const isTop = (at % 2 === 0) === (first === 'top');
    const isKey = at === 0;
    const slice = new Bits().golomb(0, 7, 0).put(at >> 1, 4);
    slice.put(1, 1).put(isTop ? 0 : 1, 1);
    if (isKey) slice.golomb(0);
    slice.put(at, 8);
    // Reference marking as usual, no change of the quantiser, no deblocking.
    slice.put(0, isKey ? 2 : 1).golomb(0, 1);
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        slice.golomb(25).align();
        for (let y = 0; y < BLOCK; y++)
          for (let x = 0; x < BLOCK; x++) {
            const line = 2 * (row * BLOCK + y) + (isTop ? 0 : 1);
            slice.put(Math.round(16 + (luma(column * BLOCK + x, line) * 219) / 255), 8);
          }
        slice.bytes(Array(128).fill(128));
      }
    units.push(slice.unit(isKey ? 0x65 : 0x61));
  }
  await writeFile(path, Buffer.concat(units));
}
