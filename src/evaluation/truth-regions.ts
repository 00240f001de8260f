import { type Box, connectedParts } from '../scoring/connected-parts.ts';

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
    for (const { cells, box } of connectedParts((at) => mask[at] !== 0, { width, height }, 8)) {
      const track = this.#continuedTrack(cells);
      for (const pixel of cells) now[pixel] = track + 1;
      regions.push({ ...box, track });
    }
    this.#before = now;
    return regions;
  }

  #continuedTrack(pixels: Int32Array): number {
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

/** Intersection over union of two boxes. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}
