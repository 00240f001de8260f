import type { Region } from '../scoring/heatmap.ts';

/** A box in pixels. */
export type Box = Omit<Region, 'score'>;

/** An anomalous region of the pixel truth. */
export interface TruthRegion extends Box {
  /** Which track it belongs to; tracks are numbered from 0 over all clips. */
  readonly track: number;
}

/**
 * Regions and tracks from masks alone, as most data sets have no annotated ones: a region is a
 * connected part (8 neighbours) of a frame's mask, however small, and continues the track of
 * the region of the frame before with which it shares most pixels; sharing none starts a track.
 */
export class TruthTracker {
  /** 1 + the track of each pixel in the frame before and in this one, 0 where nothing is. */
  #before = new Int32Array(0);
  #tracks = 0;

  /** How many tracks there were so far. */
  get tracks(): number {
    return this.#tracks;
  }

  /** Forgets the frame before: no track goes on from one clip to the next. */
  startClip(): void {
    this.#before = new Int32Array(0);
  }

  /**
   * @param mask `[height, width]`, not 0 = anomalous
   * @throws RangeError where the mask has another size than it says.
   */
  push(mask: Uint8Array, width: number, height: number): TruthRegion[] {
    if (mask.length !== width * height)
      throw new RangeError(`a mask of ${mask.length} pixels is not ${width}x${height}`);
    const now = new Int32Array(mask.length);
    const regions: TruthRegion[] = [];
    for (let start = 0; start < mask.length; start++) {
      if (mask[start] === 0 || now[start] !== 0) continue;
      const pixels = connected(mask, width, height, start, now);
      const track = this.#continuedTrack(pixels);
      let [left, right, top, bottom] = [width, 0, height, 0];
      for (const pixel of pixels) {
        now[pixel] = track + 1;
        const x = pixel % width;
        const y = (pixel - x) / width;
        left = Math.min(left, x);
        right = Math.max(right, x + 1);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y + 1);
      }
      regions.push({ x: left, y: top, width: right - left, height: bottom - top, track });
    }
    this.#before = now;
    return regions;
  }

  #continuedTrack(pixels: readonly number[]): number {
    const shared = new Map<number, number>();
    for (const pixel of pixels) {
      const track = this.#before[pixel] ?? 0;
      if (track > 0) shared.set(track, (shared.get(track) ?? 0) + 1);
    }
    let best = 0;
    for (const [track, count] of shared) if (count > (shared.get(best) ?? 0)) best = track;
    return best > 0 ? best - 1 : this.#tracks++;
  }
}

/** The pixels that are connected with `start`; marked with -1 in `seen`, where the rest is 0. */
function connected(
  mask: Uint8Array,
  width: number,
  height: number,
  start: number,
  seen: Int32Array,
): number[] {
  const pixels = [start];
  seen[start] = -1;
  for (let i = 0; i < pixels.length; i++) {
    const x = pixels[i]! % width;
    const y = (pixels[i]! - x) / width;
    for (let v = Math.max(0, y - 1); v < Math.min(height, y + 2); v++)
      for (let u = Math.max(0, x - 1); u < Math.min(width, x + 2); u++) {
        const neighbour = v * width + u;
        if (mask[neighbour] === 0 || seen[neighbour] !== 0) continue;
        seen[neighbour] = -1;
        pixels.push(neighbour);
      }
  }
  return pixels;
}

/** Intersection over union of two boxes. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}
