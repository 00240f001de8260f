import type { FrameFormat } from '../../video/frame.ts';
import type { Blob } from './blobs.ts';

/** Somebody cut out of a picture: how he differs from the background. */
export interface Sprite {
  readonly width: number;
  readonly height: number;
  /** 1 where he is, `[height, width]`. */
  readonly mask: Uint8Array;
  /** Picture minus background, 0 where he is not, `[channels, height, width]`. */
  readonly differences: Int16Array;
}

/** How a sprite lies in a picture. */
export interface Placing {
  /** Its middle and its lower edge, in pixels. */
  readonly x: number;
  readonly bottom: number;
  /** Factors of its size. */
  readonly wide: number;
  readonly high: number;
  readonly mirrored: boolean;
  readonly upsideDown: boolean;
  /** A quarter of a turn. */
  readonly lying: boolean;
}

/**
 * Cuts a blob out of its picture.
 * @param picture `[channels, height, width]`, as the background is
 */
export function cutOut(
  picture: Uint8Array,
  ground: Uint8Array,
  { pixels, left, right, top, bottom }: Blob,
  format: FrameFormat,
): Sprite {
  const width = right - left + 1;
  const height = bottom - top + 1;
  const mask = new Uint8Array(width * height);
  const differences = new Int16Array(format.channels * mask.length);
  const plane = format.width * format.height;
  for (const pixel of pixels) {
    const x = pixel % format.width;
    const y = (pixel - x) / format.width;
    const at = (y - top) * width + x - left;
    mask[at] = 1;
    for (let c = 0; c < format.channels; c++)
      differences[c * mask.length + at] = picture[c * plane + pixel]! - ground[c * plane + pixel]!;
  }
  return { width, height, mask, differences };
}

/**
 * Puts a sprite into a picture, in the light of that picture's background. It is sampled linearly, so
 * its outline is soft.
 * @param picture changed in place, `[channels, height, width]`, as the background is
 * @param onPixel told the place of each pixel of which more than half becomes the sprite's
 */
export function putSprite(
  picture: Uint8Array,
  ground: Uint8Array,
  sprite: Sprite,
  placing: Placing,
  format: FrameFormat,
  onPixel?: (pixel: number) => void,
): void {
  const { x, bottom, wide, high, mirrored, upsideDown, lying } = placing;
  const { mask, differences } = sprite;
  const [across, up] = lying ? [sprite.height, sprite.width] : [sprite.width, sprite.height];
  const left = x - (across * wide) / 2;
  const top = bottom - up * high;
  const right = Math.min(format.width, left + across * wide);
  const lowest = Math.min(format.height, bottom);
  const plane = format.width * format.height;
  // The four pixels of the sprite around a point, and their weights; 0 where he is not.
  const places = new Int32Array(4);
  const weights = new Float64Array(4);
  for (let row = Math.max(0, Math.floor(top)); row < lowest; row++)
    for (let column = Math.max(0, Math.floor(left)); column < right; column++) {
      // Where the middle of the pixel lies in the sprite, in its pixels.
      let u = (column + 0.5 - left) / wide;
      let v = (row + 0.5 - top) / high;
      if (mirrored) u = across - u;
      if (upsideDown) v = up - v;
      if (lying) [u, v] = [v, sprite.height - u];
      const share = around(sprite, u - 0.5, v - 0.5, places, weights);
      if (share === 0) continue;
      const pixel = row * format.width + column;
      for (let c = 0; c < format.channels; c++) {
        const at = c * plane + pixel;
        let value = (1 - share) * picture[at]! + share * ground[at]!;
        for (let i = 0; i < 4; i++)
          if (weights[i]! > 0) value += weights[i]! * differences[c * mask.length + places[i]!]!;
        picture[at] = Math.max(0, Math.min(255, Math.round(value)));
      }
      if (share > 0.5) onPixel?.(pixel);
    }
}

/** @returns the sum of the weights: how much of a point is the sprite's */
function around(
  { width, height, mask }: Sprite,
  u: number,
  v: number,
  places: Int32Array,
  weights: Float64Array,
): number {
  const column = Math.floor(u);
  const row = Math.floor(v);
  let share = 0;
  for (let i = 0; i < 4; i++) {
    const x = column + (i & 1);
    const y = row + (i >> 1);
    const place = y * width + x;
    const inside = x >= 0 && x < width && y >= 0 && y < height && mask[place] === 1;
    const weight = inside ? (1 - Math.abs(x - u)) * (1 - Math.abs(y - v)) : 0;
    places[i] = place;
    weights[i] = weight;
    share += weight;
  }
  return share;
}
