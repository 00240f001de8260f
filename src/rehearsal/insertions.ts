import type { Random } from '../nn/random.ts';
import { type AlterationKind, compose, isLongEnough } from '../training/synthetic/compose.ts';
import {
  type ObjectKind,
  objectKinds,
  pasteObject,
  randomObject,
} from '../training/synthetic/objects.ts';
import type { Track } from '../training/synthetic/tracks.ts';
import type { FrameFormat } from '../video/frame.ts';

/** People who are odd by what they look like or how they go. */
const composedKinds = [
  'fast',
  'gliding',
  'backwards',
  'wide',
  'tall',
  'large',
  'small',
  'upsideDown',
  'laden',
  'lying',
  'checked',
] as const satisfies readonly AlterationKind[];

/** People who are odd by where they stay: not going on, or leaving the background. */
const stayingKinds = ['standing', 'jumping'] as const;

type PersonKind = (typeof composedKinds)[number] | (typeof stayingKinds)[number];
export type InsertionKind = PersonKind | ObjectKind;

const personKinds: readonly PersonKind[] = [...composedKinds, ...stayingKinds];

/** Seconds that an insertion lasts, at most; those of people end with what was seen of them. */
const LONGEST_SECONDS = { thrown: 1.5, rolling: 4, left: 15, flickering: 10, displaced: 15 };
const PERSON_SECONDS = 8;

/** Length of a person where none is seen, as a share of the picture's height. */
const USUAL_SIZE = 0.3;

/** Jumps a second, and their height as a share of a person's. */
const JUMPS = { aSecond: 1.5, height: 0.4 };

/** Something odd to put into footage. */
export interface Insertion {
  readonly kind: InsertionKind;
  /** How long it is there. */
  readonly frames: number;
  /**
   * Puts it into pictures, which are changed in place.
   * @param pictures `frames` of them, each `[channels, height, width]`
   * @param background their background
   */
  apply(pictures: readonly Uint8Array[], background: Uint8Array): void;
}

/** Makes odd things of many kinds out of a camera's own footage. */
export class Insertions {
  readonly #tracks: readonly Track[];
  readonly #format: FrameFormat;
  readonly #fps: number;
  readonly #random: Random;
  readonly #kinds: readonly InsertionKind[];
  #next = 0;

  /** @param tracks of the same format and frame rate */
  constructor(tracks: readonly Track[], format: FrameFormat, fps: number, random: Random) {
    this.#tracks = tracks;
    this.#format = format;
    this.#fps = fps;
    this.#random = random;
    const possible = personKinds.filter((kind) => this.#able(kind).length > 0);
    const all: readonly InsertionKind[] = [...possible, ...objectKinds];
    this.#kinds = [...random.permutation(all.length)].map((i) => all[i]!);
  }

  /** The next one; the kinds take turns. */
  next(): Insertion {
    const kind = this.#kinds[this.#next++ % this.#kinds.length]!;
    return isObject(kind) ? this.#object(kind) : this.#person(kind);
  }

  #object(kind: ObjectKind): Insertion {
    const random = this.#random;
    const format = this.#format;
    const size = this.#personSize();
    const frames = Math.max(2, Math.round(LONGEST_SECONDS[kind] * this.#fps));
    return {
      kind,
      frames,
      apply: (pictures) => {
        const object = randomObject(kind, size, pictures[0]!, format, random);
        for (const [i, picture] of pictures.entries())
          pasteObject(picture, object, i / (frames - 1), format);
      },
    };
  }

  #person(kind: PersonKind): Insertion {
    const able = this.#able(kind);
    const track = able[this.#random.below(able.length)]!;
    const most = Math.round(PERSON_SECONDS * this.#fps);
    const [part, composed] = this.#asComposed(kind, track, most);
    let frames = Math.min(most, part.sprites.length);
    while (!isLongEnough(part, composed, frames)) frames -= 1;
    return {
      kind,
      frames,
      apply: (pictures, background) =>
        compose(
          { frames, pictures: new Map(pictures.entries()), background, format: this.#format },
          { track: part, kind: composed },
          this.#random,
        ),
    };
  }

  /** Staying people are composed unaltered, on a path of their own. */
  #asComposed(kind: PersonKind, track: Track, frames: number): [Track, AlterationKind] {
    if (kind === 'standing') {
      const at = this.#random.below(track.sprites.length);
      const repeat = <T>(thing: T) => new Array<T>(frames).fill(thing);
      const staying = {
        ...track,
        sprites: repeat(track.sprites[at]!),
        path: repeat(track.path[at]!),
      };
      return [staying, 'control'];
    }
    if (kind === 'jumping') {
      const path = track.path.map(({ x, bottom }, i) => {
        const phase = (Math.PI * JUMPS.aSecond * i) / this.#fps;
        const height = JUMPS.height * track.sprites[i]!.height;
        return { x, bottom: bottom - height * Math.abs(Math.sin(phase)) };
      });
      return [{ ...track, path }, 'control'];
    }
    return [track, kind];
  }

  /** Who was seen for at least a second of it. */
  #able(kind: PersonKind): readonly Track[] {
    const second = Math.max(2, Math.round(this.#fps));
    const composed = isStaying(kind) ? 'control' : kind;
    return this.#tracks.filter((track) => isLongEnough(track, composed, second));
  }

  #personSize(): number {
    const sizes = this.#tracks
      .map(({ sprites: [first] }) => Math.max(first!.width, first!.height))
      .sort((a, b) => a - b);
    return sizes[sizes.length >> 1] ?? USUAL_SIZE * this.#format.height;
  }
}

const isObject = (kind: InsertionKind): kind is ObjectKind =>
  (objectKinds as readonly string[]).includes(kind);

const isStaying = (kind: PersonKind): kind is (typeof stayingKinds)[number] =>
  (stayingKinds as readonly string[]).includes(kind);
