import { UnknownCase } from '../../errors.ts';
import type { Random } from '../../nn/random.ts';
import type { FrameFormat } from '../../video/frame.ts';
import { pasteSprite, type Sprite } from './sprite.ts';

/** Kinds of objects that do not belong in normal footage. */
export const objectKinds = ['left', 'thrown', 'rolling', 'flickering', 'displaced'] as const;
export type ObjectKind = (typeof objectKinds)[number];

/** Where an object is at a share (0 to 1) of its time on screen, in pixels. */
interface Place {
  readonly x: number;
  readonly bottom: number;
  /** Brightness added, in grey levels. */
  readonly glow: number;
}

/** An object and how it moves through a stretch of footage. */
export interface PlacedObject {
  readonly sprite: Sprite;
  place(share: number): Place;
}

/** Sprites of objects hold absolute brightness: against a black background they are opaque. */
const OPAQUE_BACKGROUND = 0;

/**
 * An object of a kind at a random place, with a random shape and texture.
 * @param size length of a person in this footage, in pixels
 * @param picture source of the `displaced` kind, `[channels, height, width]`
 */
export function randomObject(
  kind: ObjectKind,
  size: number,
  picture: Uint8Array,
  format: FrameFormat,
  random: Random,
): PlacedObject {
  const within = (least: number, most: number) => least + (most - least) * random.uniform();
  const { width, height } = format;
  const spot = () => ({ x: width * within(0.15, 0.85), bottom: height * within(0.5, 0.95) });
  switch (kind) {
    case 'left': {
      const sprite = boxOrBall(size * within(0.4, 0.8), size * within(0.4, 0.8), format, random);
      const place = { ...spot(), glow: 0 };
      return { sprite, place: () => place };
    }
    case 'thrown': {
      const side = size * within(0.25, 0.45);
      const sprite = boxOrBall(side, side, format, random);
      const [from, to] = random.uniform() < 0.5 ? [0.1, 0.9] : [0.9, 0.1];
      const rise = height * within(0.3, 0.6);
      const floor = height * within(0.6, 0.9);
      return {
        sprite,
        place: (share) => ({
          x: width * (from + (to - from) * share),
          bottom: floor - 4 * rise * share * (1 - share),
          glow: 0,
        }),
      };
    }
    case 'rolling': {
      const side = size * within(0.4, 0.7);
      const sprite = boxOrBall(side, side, format, random);
      const [from, to] = random.uniform() < 0.5 ? [0, 1] : [1, 0];
      const bottom = height * within(0.6, 0.95);
      return {
        sprite,
        place: (share) => ({ x: width * (from + (to - from) * share), bottom, glow: 0 }),
      };
    }
    case 'flickering': {
      const sprite = boxOrBall(size * within(0.4, 0.8), size * within(0.5, 1), format, random);
      const place = spot();
      const beats = within(5, 15);
      return {
        sprite,
        place: (share) => ({ ...place, glow: 60 * Math.sin(2 * Math.PI * beats * share) }),
      };
    }
    case 'displaced': {
      const sprite = cutFrom(
        picture,
        size * within(0.7, 1.2),
        size * within(0.5, 1),
        format,
        random,
      );
      const place = { ...spot(), glow: 0 };
      return { sprite, place: () => place };
    }
    default:
      throw new UnknownCase(kind satisfies never);
  }
}

/** Pastes an object into a picture, which is changed in place. @param share of its time, 0 to 1 */
export function pasteObject(
  picture: Uint8Array,
  { sprite, place }: PlacedObject,
  share: number,
  format: FrameFormat,
): void {
  const { x, bottom, glow } = place(share);
  const lit =
    glow === 0
      ? sprite
      : { ...sprite, differences: sprite.differences.map((value) => value + glow) };
  const background = new Uint8Array(picture.length).fill(OPAQUE_BACKGROUND);
  const upright = { scaleX: 1, scaleY: 1, mirrored: false, upsideDown: false, lying: false };
  pasteSprite(picture, background, lit, { ...upright, x, bottom }, format);
}

/** A box or a ball of one colour, plain or striped. */
function boxOrBall(wide: number, high: number, { channels }: FrameFormat, random: Random): Sprite {
  const [width, height] = [Math.max(2, Math.round(wide)), Math.max(2, Math.round(high))];
  const round = random.uniform() < 0.5;
  const stripe = random.uniform() < 0.5 ? 0 : Math.max(1, Math.round(width / 4));
  const colours = Array.from({ length: channels }, () => [random.below(256), random.below(256)]);
  const mask = new Uint8Array(width * height);
  const differences = new Int16Array(channels * mask.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const radius = Math.hypot((2 * x + 1) / width - 1, (2 * y + 1) / height - 1);
      if (round && radius > 1) continue;
      const at = y * width + x;
      mask[at] = 1;
      const second = stripe > 0 && Math.floor(x / stripe) % 2 === 1;
      for (let c = 0; c < channels; c++)
        differences[c * mask.length + at] = colours[c]![second ? 1 : 0]!;
    }
  return { width, height, mask, differences };
}

/** A rectangle of the picture itself, as if something had been moved. */
function cutFrom(
  picture: Uint8Array,
  wide: number,
  high: number,
  format: FrameFormat,
  random: Random,
): Sprite {
  const width = Math.min(format.width - 1, Math.max(2, Math.round(wide)));
  const height = Math.min(format.height - 1, Math.max(2, Math.round(high)));
  const left = random.below(format.width - width);
  const top = random.below(format.height - height);
  const mask = new Uint8Array(width * height).fill(1);
  const differences = new Int16Array(format.channels * mask.length);
  const plane = format.width * format.height;
  for (let c = 0; c < format.channels; c++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        differences[c * mask.length + y * width + x] =
          picture[c * plane + (top + y) * format.width + left + x]!;
  return { width, height, mask, differences };
}
