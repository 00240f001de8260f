import type { Random } from '../../nn/random.ts';
import type { Sprite } from './sprite.ts';

/** Brightness relative to the background, by column and row. */
type Pattern = (column: number, row: number) => number;

/** A checkerboard of random size and contrast. */
export function checkerboard(random: Random): Pattern {
  const side = 2 + random.below(5);
  const dark = -90 + random.below(60);
  const bright = 30 + random.below(60);
  return (column, row) =>
    (Math.floor(column / side) + Math.floor(row / side)) % 2 === 0 ? dark : bright;
}

/** Replaces a sprite's texture by a pattern; the outline stays. */
export function textured(sprite: Sprite, pattern: Pattern): Sprite {
  const { width, mask } = sprite;
  const differences = sprite.differences.map((_, i) => {
    const place = i % mask.length;
    return mask[place] === 1 ? pattern(place % width, Math.floor(place / width)) : 0;
  });
  return { ...sprite, differences };
}

/** An object carried or pushed by a person: a box or a disc, solid or hollow. */
export interface CarriedObject {
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** Horizontal offset of its centre from the sprite's, and height of its lower edge above the sprite's. */
  readonly aside: number;
  readonly lift: number;
  readonly round: boolean;
  /** Share of its radius that is hollow. */
  readonly hollow: number;
  /** Relative to the background, in grey levels. */
  readonly brightness: number;
}

/** @param length of the person in pixels; the object is 0.35 to 1 times as large */
export function randomCarriedObject(random: Random, length: number): CarriedObject {
  const size = () => length * (0.35 + 0.65 * random.uniform());
  const brightness = 25 + random.below(80);
  return {
    width: size(),
    height: size(),
    aside: length * (random.uniform() - 0.5),
    lift: length * 0.2 * random.uniform(),
    round: random.uniform() < 0.5,
    hollow: random.uniform() < 0.5 ? 0 : 0.6 + 0.25 * random.uniform(),
    brightness: random.uniform() < 0.7 ? -brightness : brightness,
  };
}

/** Draws an object over a sprite, on a canvas that holds both and keeps the sprite's centre. */
export function withCarriedObject(sprite: Sprite, object: CarriedObject): Sprite {
  const overhang = Math.ceil(Math.abs(object.aside) + object.width / 2 - sprite.width / 2);
  const margin = Math.max(0, overhang);
  const above = Math.max(0, Math.ceil(object.lift + object.height) - sprite.height);
  const width = sprite.width + 2 * margin;
  const height = sprite.height + above;
  const channels = sprite.differences.length / sprite.mask.length;
  const mask = new Uint8Array(width * height);
  const differences = new Int16Array(channels * mask.length);
  const middle = { x: width / 2 + object.aside, y: height - object.lift - object.height / 2 };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const place = y * width + x;
      const across = Math.abs(x + 0.5 - middle.x) / (object.width / 2);
      const up = Math.abs(y + 0.5 - middle.y) / (object.height / 2);
      const radius = object.round ? Math.hypot(across, up) : Math.max(across, up);
      const isObject = radius <= 1 && radius >= object.hollow;
      const [u, v] = [x - margin, y - above];
      const own = u >= 0 && u < sprite.width && v >= 0 ? v * sprite.width + u : -1;
      const isSprite = own >= 0 && sprite.mask[own] === 1;
      if (!isObject && !isSprite) continue;
      mask[place] = 1;
      for (let c = 0; c < channels; c++)
        differences[c * mask.length + place] = isObject
          ? object.brightness
          : sprite.differences[c * sprite.mask.length + own]!;
    }
  return { width, height, mask, differences };
}
