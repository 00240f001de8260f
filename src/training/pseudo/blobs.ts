import { type ConnectedPart, connectedParts } from '../../scoring/connected-parts.ts';
import type { Size } from '../../video/frame.ts';

/** Something that stands out from the background. */
export interface Blob {
  /** Places of its pixels in the picture. */
  readonly pixels: Int32Array;
  /** Its middle. */
  readonly x: number;
  readonly y: number;
  /** Its outermost pixels. */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Grey levels from which a pixel differs from the background. */
const DIFFERENT = 14;
/** Pixels that an outline is widened by, so that a soft edge comes along. */
const EDGE = 2;
/** Shares of the picture that somebody takes, far or near; what is smaller is noise, what is larger a crowd. */
const SMALLEST = 0.0023;
const LARGEST = 0.12;
/** How far a blob may go from one frame to the next, as a share of its own length, and change its size. */
const STEP = 0.5;
const GROWTH = 1.8;
/** Pictures that the background is taken from, at most. */
const GROUND_FRAMES = 25;

/** The median of some pictures at each of their values: what is there when nobody is. */
export function background(pictures: readonly Uint8Array[]): Uint8Array {
  const every = Math.max(1, Math.ceil(pictures.length / GROUND_FRAMES));
  const taken = pictures.filter((_, i) => i % every === 0);
  const values = new Uint8Array(taken.length);
  return pictures[0]!.map((_, at) => {
    for (let i = 0; i < taken.length; i++) values[i] = taken[i]![at]!;
    return values.sort()[values.length >> 1]!;
  });
}

/**
 * Connected parts of a picture, of about somebody's size, that differ from the background.
 * @param picture `[height, width]`, or more channels, of which the first one counts
 */
export function blobsOf(picture: Uint8Array, ground: Uint8Array, { width, height }: Size): Blob[] {
  const area = width * height;
  let mask = new Uint8Array(area);
  for (let i = 0; i < area; i++) mask[i] = Math.abs(picture[i]! - ground[i]!) > DIFFERENT ? 1 : 0;
  for (let round = 0; round < EDGE; round++) mask = widened(mask, width, height);
  return connectedParts((at) => mask[at] === 1, { width, height }, 4)
    .filter(({ cells: { length } }) => length >= SMALLEST * area && length <= LARGEST * area)
    .map((part) => blobOf(part, width));
}

/** The same blob in every frame, from the first one on, until it is lost or changes its size. */
export function follow(frames: readonly (readonly Blob[])[], first: Blob): Blob[] {
  const track = [first];
  for (const blobs of frames.slice(1)) {
    const last = track.at(-1)!;
    let nearest: Blob | undefined;
    let least = STEP * Math.sqrt(last.pixels.length);
    for (const blob of blobs) {
      const apart = Math.hypot(blob.x - last.x, blob.y - last.y);
      const growth = blob.pixels.length / last.pixels.length;
      if (apart < least && growth < GROWTH && growth > 1 / GROWTH) [nearest, least] = [blob, apart];
    }
    if (!nearest) break;
    track.push(nearest);
  }
  return track;
}

function widened(mask: Uint8Array, width: number, height: number): Uint8Array<ArrayBuffer> {
  const wide = mask.slice();
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      if (mask[at] === 0) continue;
      if (x > 0) wide[at - 1] = 1;
      if (x < width - 1) wide[at + 1] = 1;
      if (y > 0) wide[at - width] = 1;
      if (y < height - 1) wide[at + width] = 1;
    }
  return wide;
}

function blobOf({ cells, box }: ConnectedPart, width: number): Blob {
  let [sumX, sumY] = [0, 0];
  for (const pixel of cells) {
    const x = pixel % width;
    sumX += x;
    sumY += (pixel - x) / width;
  }
  return {
    pixels: cells,
    x: sumX / cells.length,
    y: sumY / cells.length,
    left: box.x,
    right: box.x + box.width - 1,
    top: box.y,
    bottom: box.y + box.height - 1,
  };
}
