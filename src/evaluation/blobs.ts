import type { Size } from '../video/frame.ts';

/** Something that stands out from the background. */
export interface Blob {
  /** Places of its pixels in the picture. */
  readonly pixels: readonly number[];
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
/** Shares of the picture that a person takes; what is smaller is noise, what is larger a group. */
const SMALLEST = 0.0023;
const LARGEST = 0.025;
/** How far a blob may go from one frame to the next, as a share of the picture's width, and change its size. */
const STEP = 7 / 256;
const GROWTH = 1.8;
/** Frames that the background is taken from, at most. */
const GROUND_FRAMES = 50;

/** The median of a clip's frames at each pixel: what is there when nobody is. */
export function background(clip: readonly Uint8Array[]): Uint8Array {
  const every = Math.max(1, Math.ceil(clip.length / GROUND_FRAMES));
  const taken = clip.filter((_, i) => i % every === 0);
  const values = new Uint8Array(taken.length);
  return clip[0]!.map((_, pixel) => {
    taken.forEach((frame, i) => {
      values[i] = frame[pixel]!;
    });
    return values.sort()[values.length >> 1]!;
  });
}

/** Connected parts of a frame, of about a person's size, that differ from the background. */
export function blobsOf(frame: Uint8Array, ground: Uint8Array, { width, height }: Size): Blob[] {
  const mask = widened(
    frame.map((value, pixel) => Number(Math.abs(value - ground[pixel]!) > DIFFERENT)),
    width,
  );
  const blobs: Blob[] = [];
  const area = width * height;
  for (let start = 0; start < area; start++) {
    if (mask[start] !== 1) continue;
    const pixels = [start];
    mask[start] = 0;
    for (let i = 0; i < pixels.length; i++)
      for (const next of neighbours(pixels[i]!, width, area))
        if (mask[next] === 1) {
          mask[next] = 0;
          pixels.push(next);
        }
    if (pixels.length >= SMALLEST * area && pixels.length <= LARGEST * area)
      blobs.push(outline(pixels, width));
  }
  return blobs;
}

/** The same blob in every frame, from the first one on; undefined where it is lost or changes its size. */
export function follow(
  frames: readonly (readonly Blob[])[],
  first: Blob,
  { width }: Size,
): Blob[] | undefined {
  const track = [first];
  for (const blobs of frames.slice(1)) {
    const last = track.at(-1)!;
    let nearest: Blob | undefined;
    let least = STEP * width;
    for (const blob of blobs) {
      const apart = Math.hypot(blob.x - last.x, blob.y - last.y);
      const growth = blob.pixels.length / last.pixels.length;
      if (apart < least && growth < GROWTH && growth > 1 / GROWTH) [nearest, least] = [blob, apart];
    }
    if (!nearest) return undefined;
    track.push(nearest);
  }
  return track;
}

function widened(mask: Uint8Array, width: number): Uint8Array {
  let wide = mask;
  for (let round = 0; round < EDGE; round++) {
    const before = wide;
    wide = before.slice();
    for (let pixel = 0; pixel < before.length; pixel++)
      if (before[pixel]) for (const next of neighbours(pixel, width, before.length)) wide[next] = 1;
  }
  return wide;
}

function neighbours(pixel: number, width: number, area: number): number[] {
  const column = pixel % width;
  const found: number[] = [];
  if (column > 0) found.push(pixel - 1);
  if (column < width - 1) found.push(pixel + 1);
  if (pixel >= width) found.push(pixel - width);
  if (pixel + width < area) found.push(pixel + width);
  return found;
}

function outline(pixels: readonly number[], width: number): Blob {
  const columns = pixels.map((pixel) => pixel % width);
  const rows = pixels.map((pixel) => Math.floor(pixel / width));
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return {
    pixels,
    x: mean(columns),
    y: mean(rows),
    left: Math.min(...columns),
    right: Math.max(...columns),
    top: Math.min(...rows),
    bottom: Math.max(...rows),
  };
}
