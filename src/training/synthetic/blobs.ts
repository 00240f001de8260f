import { type ConnectedPart, connectedParts } from '../../scoring/connected-parts.ts';
import type { Size } from '../../video/frame.ts';

/** A connected region that differs from the background. */
export interface Blob {
  /** Indices of its pixels in the picture. */
  readonly pixels: Int32Array;
  /** Centroid. */
  readonly x: number;
  readonly y: number;
  /** Bounding box, inclusive. */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Grey levels above which a pixel counts as foreground. */
const DIFFERENT = 14;
/** Dilation in pixels, so that soft edges are cut out as well. */
const EDGE = 2;
/** Area as a share of the picture; smaller blobs are noise, larger ones crowds. */
const SMALLEST = 0.0023;
const LARGEST = 0.12;
/** Limits from one frame to the next: distance in body lengths, and factor of the area. */
const STEP = 0.5;
const GROWTH = 1.8;
/** Most pictures that a background is estimated from. */
const BACKGROUND_FRAMES = 25;

/** Background of a fixed view: the median of some pictures, value by value. */
export function estimateBackground(pictures: readonly Uint8Array[]): Uint8Array {
  const every = Math.max(1, Math.ceil(pictures.length / BACKGROUND_FRAMES));
  const taken = pictures.filter((_, i) => i % every === 0);
  const values = new Uint8Array(taken.length);
  return pictures[0]!.map((_, at) => {
    for (let i = 0; i < taken.length; i++) values[i] = taken[i]![at]!;
    return values.sort()[values.length >> 1]!;
  });
}

/**
 * Connected foreground regions of about a person's size.
 * @param picture `[channels, height, width]`; only the first channel is compared
 */
export function findBlobs(
  picture: Uint8Array,
  background: Uint8Array,
  { width, height }: Size,
): Blob[] {
  const area = width * height;
  let mask = new Uint8Array(area);
  for (let i = 0; i < area; i++)
    mask[i] = Math.abs(picture[i]! - background[i]!) > DIFFERENT ? 1 : 0;
  for (let round = 0; round < EDGE; round++) mask = dilated(mask, width, height);
  return connectedParts((at) => mask[at] === 1, { width, height }, 4)
    .filter(({ cells: { length } }) => length >= SMALLEST * area && length <= LARGEST * area)
    .map((part) => blobOf(part, width));
}

/** Follows a blob from frame to frame until it is lost or its size jumps. */
export function followBlob(frames: readonly (readonly Blob[])[], first: Blob): Blob[] {
  const followed = [first];
  for (const blobs of frames.slice(1)) {
    const last = followed.at(-1)!;
    let nearest: Blob | undefined;
    let least = STEP * Math.sqrt(last.pixels.length);
    for (const blob of blobs) {
      const apart = Math.hypot(blob.x - last.x, blob.y - last.y);
      const growth = blob.pixels.length / last.pixels.length;
      if (apart < least && growth < GROWTH && growth > 1 / GROWTH) [nearest, least] = [blob, apart];
    }
    if (!nearest) break;
    followed.push(nearest);
  }
  return followed;
}

function dilated(mask: Uint8Array, width: number, height: number): Uint8Array<ArrayBuffer> {
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
