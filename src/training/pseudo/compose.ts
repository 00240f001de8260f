import type { Random } from '../../nn/random.ts';
import type { FrameFormat } from '../../video/frame.ts';
import { checks, dressedIn, randomThing, withThing } from './dress.ts';
import type { Passer } from './passers.ts';
import { putSprite, type Sprite } from './sprite.ts';

/** What is done to somebody before he is put into other footage. */
interface Alteration {
  /** Smallest and largest factors of his speed. */
  readonly speed: readonly [number, number];
  /** He keeps one pose, and glides along; else his gait is as much quicker as he is. */
  readonly gliding: boolean;
  readonly mirrored: boolean;
  readonly upsideDown: boolean;
  readonly lying: boolean;
  /** What he wears, or has with him. */
  readonly dress: 'own' | 'checks' | 'thing';
  /** Smallest and largest factors of his size. */
  readonly wide: readonly [number, number];
  readonly high: readonly [number, number];
}

/** Everybody's size varies a little: that he was sampled anew must tell nothing. */
const UNCHANGED: Alteration = {
  speed: [1, 1],
  gliding: false,
  mirrored: false,
  upsideDown: false,
  lying: false,
  dress: 'own',
  wide: [0.92, 1.08],
  high: [0.92, 1.08],
};

const ALTERATIONS = {
  /** Nothing: he must not count as odd. */
  control: {},
  /** From a hurry to a bicycle or a car. */
  fast: { speed: [1.3, 3] },
  gliding: { gliding: true, speed: [1, 3] },
  /** He walks backwards. */
  backwards: { mirrored: true },
  wide: { wide: [1.6, 2.5] },
  tall: { high: [1.5, 2] },
  large: { wide: [1.6, 2.5], high: [1.6, 2.5] },
  small: { wide: [0.45, 0.55], high: [0.45, 0.55] },
  upsideDown: { upsideDown: true },
  /** He has something large with him. */
  laden: { dress: 'thing' },
  lying: { lying: true },
  checked: { dress: 'checks' },
} as const satisfies Record<string, Partial<Alteration>>;

/** The kinds of pseudo-anomalies, and the control. */
export type PseudoKind = keyof typeof ALTERATIONS;
export const pseudoKinds = Object.keys(ALTERATIONS) as [PseudoKind, ...PseudoKind[]];

/** Who is put in, and what is done to him. */
export interface Part {
  readonly passer: Passer;
  readonly kind: PseudoKind;
}

/** Whether somebody was seen long enough to do something for some frames. */
export const isLongEnough = ({ sprites }: Passer, kind: PseudoKind, frames: number): boolean =>
  sprites.length >= taken(alteration(kind), frames);

/** Frames of footage that so many frames take, at the least. */
const taken = ({ gliding, speed: [least] }: Alteration, frames: number): number =>
  gliding ? frames : Math.ceil(least * (frames - 1)) + 1;

const alteration = (kind: PseudoKind): Alteration => ({ ...UNCHANGED, ...ALTERATIONS[kind] });

/** Some pictures of a stretch of normal footage. */
export interface Scene {
  /** Frames of the stretch. */
  readonly frames: number;
  /** Those of them that are wanted, by when they come, each `[channels, height, width]`. */
  readonly pictures: ReadonlyMap<number, Uint8Array>;
  /** Their background. */
  readonly ground: Uint8Array;
  readonly format: FrameFormat;
}

/**
 * Puts somebody into footage, where he went by himself. The pictures are changed in place.
 * @param onPixel told of each pixel that becomes his, by when its picture comes
 */
export function compose(
  { frames, pictures, ground, format }: Scene,
  { passer, kind }: Part,
  random: Random,
  onPixel?: (time: number, pixel: number) => void,
): void {
  const altered = alteration(kind);
  const movement = altered.gliding
    ? glide(passer, altered, frames, random)
    : walk(passer, altered, frames, random);
  const size = { wide: between(random, altered.wide), high: between(random, altered.high) };
  const dressed = DRESSES[altered.dress](random, passer);
  for (const [time, picture] of pictures) {
    const { pose, ...place } = movement(time);
    const sprite = dressed(passer.sprites[pose]!);
    putSprite(picture, ground, sprite, { ...altered, ...size, ...place }, format, (pixel) =>
      onPixel?.(time, pixel),
    );
  }
}

type Place = Passer['path'][number];

/** Where somebody is in a frame of the scene, and in which of his poses. */
type Movement = (time: number) => Place & { readonly pose: number };

/** As he went, but quicker: his frames are further apart. */
function walk(
  { sprites, path }: Passer,
  { speed }: Alteration,
  frames: number,
  random: Random,
): Movement {
  const last = sprites.length - 1;
  const [least, most] = speed;
  const step = between(random, [least, Math.min(most, last / (frames - 1))]);
  // Rounding may want one frame more than there is.
  const room = Math.max(0, last - Math.ceil(step * (frames - 1)));
  const from = random.below(room + 1);
  return (time) => {
    const at = Math.min(last, from + step * time);
    return { ...onLine(path[Math.floor(at)]!, path[Math.ceil(at)]!, at % 1), pose: Math.round(at) };
  };
}

/** Evenly and in one pose, so that he is at the end where he was when he walked. */
function glide(
  { sprites, path }: Passer,
  { speed }: Alteration,
  frames: number,
  random: Random,
): Movement {
  const from = random.below(sprites.length - frames + 1);
  const pose = from + random.below(frames);
  const factor = between(random, speed);
  const [start, end] = [path[from]!, path[from + frames - 1]!];
  return (time) => ({ ...onLine(end, start, factor * (1 - time / (frames - 1))), pose });
}

/** On the line between two places, or beyond. */
const onLine = (from: Place, to: Place, share: number): Place => ({
  x: from.x + share * (to.x - from.x),
  bottom: from.bottom + share * (to.bottom - from.bottom),
});

/** A factor: its logarithm is spread evenly. */
const between = (random: Random, [least, most]: readonly [number, number]): number =>
  least * (most / least) ** random.uniform();

/** How each sprite of a passer is dressed; alike in all of a clip. */
const DRESSES: Readonly<
  Record<Alteration['dress'], (random: Random, passer: Passer) => (sprite: Sprite) => Sprite>
> = {
  own: () => (sprite) => sprite,
  checks: (random) => {
    const pattern = checks(random);
    return (sprite) => dressedIn(sprite, pattern);
  },
  thing: (random, { sprites }) => {
    const [{ width, height }] = sprites as [Sprite, ...Sprite[]];
    const thing = randomThing(random, Math.max(width, height));
    return (sprite) => withThing(sprite, thing);
  },
};
