import type { Random } from '../../nn/random.ts';
import type { FrameFormat } from '../../video/frame.ts';
import { checks, dressedIn, randomThing, withThing } from './dress.ts';
import type { Passer } from './passers.ts';
import { putSprite, type Sprite } from './sprite.ts';

/** What is done to somebody before he is put into other footage. */
interface Alteration {
  readonly speed: number;
  /** He keeps one pose, and glides along. */
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
  speed: 1,
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
  fast: { speed: 2 },
  gliding: { gliding: true },
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
  sprites.length >= steps(kind, frames);

/** Frames of footage that so many frames take. */
const steps = (kind: PseudoKind, frames: number): number =>
  alteration(kind).speed * (frames - 1) + 1;

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
  const { speed, gliding, dress, ...turned } = alteration(kind);
  const room = passer.sprites.length - steps(kind, frames);
  const from = random.below(room + 1);
  const pose = from + random.below(frames);
  const size = { wide: between(random, turned.wide), high: between(random, turned.high) };
  const dressed = DRESSES[dress](random, passer);
  const start = passer.path[from]!;
  const goal = passer.path[from + speed * (frames - 1)]!;
  for (const [time, picture] of pictures) {
    const at = from + speed * time;
    const along = time / Math.max(1, frames - 1);
    const place = gliding
      ? {
          x: start.x + along * (goal.x - start.x),
          bottom: start.bottom + along * (goal.bottom - start.bottom),
        }
      : passer.path[at]!;
    const sprite = dressed(passer.sprites[gliding ? pose : at]!);
    putSprite(picture, ground, sprite, { ...turned, ...size, ...place }, format, (pixel) =>
      onPixel?.(time, pixel),
    );
  }
}

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
