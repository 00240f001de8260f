import type { FrameFormat } from '../../video/frame.ts';
import type { Blob } from './blobs.ts';

/** A cut-out, stored as its difference from the background. */
export interface Sprite {
  readonly width: number;
  readonly height: number;
  /** 1 inside the outline, `[height, width]`. */
  readonly mask: Uint8Array;
  /** Picture minus background, 0 outside the outline, `[channels, height, width]`. */
  readonly differences: Int16Array;
}

/** Where and how a sprite is pasted. */
export interface Placement {
  /** Horizontal centre and lower edge, in pixels. */
  readonly x: number;
  readonly bottom: number;
  readonly scaleX: number;
  readonly scaleY: number;
  readonly mirrored: boolean;
  readonly upsideDown: boolean;
  /** Rotated by 90 degrees. */
  readonly lying: boolean;
}

/**
 * Cuts a blob out of its picture.
 * @param picture `[channels, height, width]`, like the background
 */
export function cutOut(
  picture: Uint8Array,
  background: Uint8Array,
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
      differences[c * mask.length + at] =
        picture[c * plane + pixel]! - background[c * plane + pixel]!;
  }
  return { width, height, mask, differences };
}

/**
 * Pastes a sprite into a picture by adding its difference to that picture's background, so that it
 * takes on the light there. Bilinear sampling keeps the outline soft.
 * @param picture changed in place, `[channels, height, width]`, like the background
 * @param onPixel receives the index of each pixel that the sprite covers by more than half
 */
export function pasteSprite(
  picture: Uint8Array,
  background: Uint8Array,
  sprite: Sprite,
  placement: Placement,
  format: FrameFormat,
  onPixel?: (pixel: number) => void,
): void {
  const { x, bottom, scaleX, scaleY, mirrored, upsideDown, lying } = placement;
  const { mask, differences } = sprite;
  const [across, up] = lying ? [sprite.height, sprite.width] : [sprite.width, sprite.height];
  const left = x - (across * scaleX) / 2;
  const top = bottom - up * scaleY;
  const right = Math.min(format.width, left + across * scaleX);
  const lowest = Math.min(format.height, bottom);
  const plane = format.width * format.height;
  // The four neighbours of a point in the sprite and their weights; 0 outside the outline.
  const places = new Int32Array(4);
  const weights = new Float64Array(4);
  for (let row = Math.max(0, Math.floor(top)); row < lowest; row++)
    for (let column = Math.max(0, Math.floor(left)); column < right; column++) {
      // The pixel's centre in coordinates of the sprite.
      let u = (column + 0.5 - left) / scaleX;
      let v = (row + 0.5 - top) / scaleY;
      if (mirrored) u = across - u;
      if (upsideDown) v = up - v;
      if (lying) [u, v] = [v, sprite.height - u];
      const share = sampleWeights(sprite, u - 0.5, v - 0.5, places, weights);
      if (share === 0) continue;
      const pixel = row * format.width + column;
      for (let c = 0; c < format.channels; c++) {
        const at = c * plane + pixel;
        let value = (1 - share) * picture[at]! + share * background[at]!;
        for (let i = 0; i < 4; i++)
          if (weights[i]! > 0) value += weights[i]! * differences[c * mask.length + places[i]!]!;
        picture[at] = Math.max(0, Math.min(255, Math.round(value)));
      }
      if (share > 0.5) onPixel?.(pixel);
    }
}

/** Bilinear weights around a point. @returns their sum: the sprite's opacity there */
function sampleWeights(
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
