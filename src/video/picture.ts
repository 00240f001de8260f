import type { OriginalPicture, Size } from './frame.ts';

/** A decoded picture of any size: bytes, interleaved, `stride` bytes from one row to the next. */
export interface Picture extends Size {
  readonly channels: 1 | 3;
  readonly stride: number;
  readonly data: Uint8Array;
}

/** What one step of a decoder gave. */
export interface Shot {
  /** The picture, or undefined where one could not be decoded. Valid until the next step only. */
  readonly picture: Picture | undefined;
  /** The same in RGB at full size, where asked for. */
  readonly original: OriginalPicture | undefined;
  /** The time that the container gives it, in seconds from any origin; undefined where it gives none. */
  readonly seconds: number | undefined;
}

/** What is wanted of each picture of a {@link Reel}. */
export interface ShotOptions {
  readonly channels: 1 | 3;
  readonly original: boolean;
}

/** Pictures in their order, as they lie in a file or folder. */
export interface Reel {
  readonly fps: number;
  readonly expectedFrames: number | undefined;
  shots(options: ShotOptions): AsyncGenerator<Shot>;
}

/** The luma of a picture (ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B), full range. */
export function toGray(picture: Picture): Picture {
  if (picture.channels === 1) return picture;
  const { width, height, stride, data } = picture;
  const gray = new Uint8Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0, from = y * stride; x < width; x++, from += 3) {
      gray[to++] = 0.299 * data[from]! + 0.587 * data[from + 1]! + 0.114 * data[from + 2]! + 0.5;
    }
  }
  return { width, height, channels: 1, stride: width, data: gray };
}

/** A copy in RGB, rows without gaps; gray becomes R = G = B. */
export function toOriginal(picture: Picture): OriginalPicture {
  const { width, height, stride, channels, data } = picture;
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * stride, y * stride + width * channels);
    if (channels === 3) rgb.set(row, y * width * 3);
    else for (let x = 0; x < width; x++) rgb.fill(row[x]!, (y * width + x) * 3, (y * width + x) * 3 + 3);
  }
  return { width, height, data: rgb };
}
