import type { Random } from '../../nn/random.ts';
import type { Sprite } from './sprite.ts';

/** How much brighter than the background each place is, by its column and row. */
type Pattern = (column: number, row: number) => number;

/** Checks of bright and dark. */
export function checks(random: Random): Pattern {
  const side = 2 + random.below(5);
  const dark = -90 + random.below(60);
  const bright = 30 + random.below(60);
  return (column, row) =>
    (Math.floor(column / side) + Math.floor(row / side)) % 2 === 0 ? dark : bright;
}

/** A sprite in a pattern instead of what he wears. */
export function dressedIn(sprite: Sprite, pattern: Pattern): Sprite {
  const { width, mask } = sprite;
  const differences = sprite.differences.map((_, i) => {
    const place = i % mask.length;
    return mask[place] === 1 ? pattern(place % width, Math.floor(place / width)) : 0;
  });
  return { ...sprite, differences };
}

/** Something that somebody has with him: a box or a wheel, whole or its rim. */
export interface Thing {
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** How far its middle is from his, and its lower edge above his. */
  readonly aside: number;
  readonly lift: number;
  readonly round: boolean;
  /** Share of its radius that is empty. */
  readonly empty: number;
  /** Over the background, in grey levels. */
  readonly brightness: number;
}

/** @param length of the one who has it, in pixels: it is a third of that to as large */
export function randomThing(random: Random, length: number): Thing {
  const size = () => length * (0.35 + 0.65 * random.uniform());
  const brightness = 25 + random.below(80);
  return {
    width: size(),
    height: size(),
    aside: length * (random.uniform() - 0.5),
    lift: length * 0.2 * random.uniform(),
    round: random.uniform() < 0.5,
    empty: random.uniform() < 0.5 ? 0 : 0.6 + 0.25 * random.uniform(),
    brightness: random.uniform() < 0.7 ? -brightness : brightness,
  };
}

/** A sprite with something, on a canvas that holds both, about the middle of the sprite. */
export function withThing(sprite: Sprite, thing: Thing): Sprite {
  const beside = Math.ceil(Math.abs(thing.aside) + thing.width / 2 - sprite.width / 2);
  const margin = Math.max(0, beside);
  const above = Math.max(0, Math.ceil(thing.lift + thing.height) - sprite.height);
  const width = sprite.width + 2 * margin;
  const height = sprite.height + above;
  const channels = sprite.differences.length / sprite.mask.length;
  const mask = new Uint8Array(width * height);
  const differences = new Int16Array(channels * mask.length);
  const middle = { x: width / 2 + thing.aside, y: height - thing.lift - thing.height / 2 };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const place = y * width + x;
      const across = Math.abs(x + 0.5 - middle.x) / (thing.width / 2);
      const up = Math.abs(y + 0.5 - middle.y) / (thing.height / 2);
      const radius = thing.round ? Math.hypot(across, up) : Math.max(across, up);
      const isThing = radius <= 1 && radius >= thing.empty;
      const [u, v] = [x - margin, y - above];
      const own = u >= 0 && u < sprite.width && v >= 0 ? v * sprite.width + u : -1;
      const isSprite = own >= 0 && sprite.mask[own] === 1;
      if (!isThing && !isSprite) continue;
      mask[place] = 1;
      for (let c = 0; c < channels; c++)
        differences[c * mask.length + place] = isThing
          ? thing.brightness
          : sprite.differences[c * sprite.mask.length + own]!;
    }
  return { width, height, mask, differences };
}
