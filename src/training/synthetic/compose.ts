import type { Random } from '../../nn/random.ts';
import type { FrameFormat } from '../../video/frame.ts';
import { checkerboard, randomCarriedObject, textured, withCarriedObject } from './appearance.ts';
import { pasteSprite, type Sprite } from './sprite.ts';
import type { Track } from './tracks.ts';

type Range = readonly [least: number, most: number];

/** How a track is changed before it is pasted into other footage. */
interface Alteration {
  readonly speed: Range;
  /** Keeps one pose along the path; otherwise the gait speeds up with the movement. */
  readonly gliding: boolean;
  readonly mirrored: boolean;
  readonly upsideDown: boolean;
  readonly lying: boolean;
  readonly appearance: 'own' | 'checkerboard' | 'carrying';
  readonly scaleX: Range;
  readonly scaleY: Range;
}

/** Unaltered tracks are resampled too, so that resampling is no cue for an anomaly. */
const UNCHANGED: Alteration = {
  speed: [1, 1],
  gliding: false,
  mirrored: false,
  upsideDown: false,
  lying: false,
  appearance: 'own',
  scaleX: [0.92, 1.08],
  scaleY: [0.92, 1.08],
};

const ALTERATIONS = {
  /** Unaltered: must not count as an anomaly. */
  control: {},
  /** From running to a bicycle or a car. */
  fast: { speed: [1.3, 3] },
  gliding: { gliding: true, speed: [1, 3] },
  /** Walks backwards. */
  backwards: { mirrored: true },
  wide: { scaleX: [1.6, 2.5] },
  tall: { scaleY: [1.5, 2] },
  large: { scaleX: [1.6, 2.5], scaleY: [1.6, 2.5] },
  small: { scaleX: [0.45, 0.55], scaleY: [0.45, 0.55] },
  upsideDown: { upsideDown: true },
  laden: { appearance: 'carrying' },
  lying: { lying: true },
  checked: { appearance: 'checkerboard' },
} as const satisfies Record<string, Partial<Alteration>>;

/** Kinds of synthetic anomalies made from people, and the control. */
export type AlterationKind = keyof typeof ALTERATIONS;
export const alterationKinds = Object.keys(ALTERATIONS) as [AlterationKind, ...AlterationKind[]];

/** A track and how it is altered. */
export interface AlteredTrack {
  readonly track: Track;
  readonly kind: AlterationKind;
}

/** Whether a track is long enough to be altered for `frames` frames. */
export const isLongEnough = ({ sprites }: Track, kind: AlterationKind, frames: number): boolean =>
  sprites.length >= framesNeeded(alteration(kind), frames);

/** Fewest source frames for `frames` frames. */
const framesNeeded = ({ gliding, speed: [least] }: Alteration, frames: number): number =>
  gliding ? frames : Math.ceil(least * (frames - 1)) + 1;

const alteration = (kind: AlterationKind): Alteration => ({ ...UNCHANGED, ...ALTERATIONS[kind] });

/** Some pictures of a stretch of normal footage. */
export interface Scene {
  /** Length of the stretch. */
  readonly frames: number;
  /** The pictures that are wanted, by frame, each `[channels, height, width]`. */
  readonly pictures: ReadonlyMap<number, Uint8Array>;
  /** `[channels, height, width]` */
  readonly background: Uint8Array;
  readonly format: FrameFormat;
}

/**
 * Pastes an altered track into footage, along its own path. The pictures are changed in place.
 * @param onPixel receives each pixel that the track covers, with its frame
 */
export function compose(
  { frames, pictures, background, format }: Scene,
  { track, kind }: AlteredTrack,
  random: Random,
  onPixel?: (frame: number, pixel: number) => void,
): void {
  const altered = alteration(kind);
  const movement = altered.gliding
    ? glide(track, altered, frames, random)
    : walk(track, altered, frames, random);
  const scaleX = logUniform(random, altered.scaleX);
  const scaleY = logUniform(random, altered.scaleY);
  const spriteOf = APPEARANCES[altered.appearance](random, track);
  for (const [frame, picture] of pictures) {
    const { pose, ...place } = movement(frame);
    const sprite = spriteOf(track.sprites[pose]!);
    const placement = { ...altered, scaleX, scaleY, ...place };
    pasteSprite(picture, background, sprite, placement, format, (pixel) => onPixel?.(frame, pixel));
  }
}

type Place = Track['path'][number];

/** Place and pose (index of the sprite) in a frame of the scene. */
type Movement = (frame: number) => Place & { readonly pose: number };

/** Plays the track at a constant speed. */
function walk(
  { sprites, path }: Track,
  { speed }: Alteration,
  frames: number,
  random: Random,
): Movement {
  const last = sprites.length - 1;
  const [least, most] = speed;
  const step = logUniform(random, [least, Math.min(most, last / (frames - 1))]);
  // Rounding up may ask for one frame more than the track has.
  const room = Math.max(0, last - Math.ceil(step * (frames - 1)));
  const from = random.below(room + 1);
  return (frame) => {
    const at = Math.min(last, from + step * frame);
    return { ...onLine(path[Math.floor(at)]!, path[Math.ceil(at)]!, at % 1), pose: Math.round(at) };
  };
}

/** Moves in one pose at a constant speed and ends where the track did. */
function glide(
  { sprites, path }: Track,
  { speed }: Alteration,
  frames: number,
  random: Random,
): Movement {
  const from = random.below(sprites.length - frames + 1);
  const pose = from + random.below(frames);
  const factor = logUniform(random, speed);
  const [start, end] = [path[from]!, path[from + frames - 1]!];
  return (frame) => ({ ...onLine(end, start, factor * (1 - frame / (frames - 1))), pose });
}

/** Linear interpolation, or extrapolation beyond 0 … 1. */
const onLine = (from: Place, to: Place, share: number): Place => ({
  x: from.x + share * (to.x - from.x),
  bottom: from.bottom + share * (to.bottom - from.bottom),
});

const logUniform = (random: Random, [least, most]: Range): number =>
  least * (most / least) ** random.uniform();

/** How the sprites of one clip look; the random choices are shared by all of them. */
const APPEARANCES: Readonly<
  Record<Alteration['appearance'], (random: Random, track: Track) => (sprite: Sprite) => Sprite>
> = {
  own: () => (sprite) => sprite,
  checkerboard: (random) => {
    const pattern = checkerboard(random);
    return (sprite) => textured(sprite, pattern);
  },
  carrying: (random, { sprites }) => {
    const [{ width, height }] = sprites as [Sprite, ...Sprite[]];
    const object = randomCarriedObject(random, Math.max(width, height));
    return (sprite) => withCarriedObject(sprite, object);
  },
};
