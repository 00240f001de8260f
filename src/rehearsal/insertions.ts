import type { Random } from '../nn/random.ts';
import { compose, isLongEnough, type PseudoKind } from '../training/pseudo/compose.ts';
import {
  type ObjectKind,
  objectKinds,
  putObject,
  randomObject,
} from '../training/pseudo/objects.ts';
import type { Passer } from '../training/pseudo/passers.ts';
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
] as const satisfies readonly PseudoKind[];

/** People who are odd by where they stay: not going on, or leaving the ground. */
const stayingKinds = ['standing', 'jumping'] as const;

type PasserKind = (typeof composedKinds)[number] | (typeof stayingKinds)[number];
export type InsertionKind = PasserKind | ObjectKind;

const passerKinds: readonly PasserKind[] = [...composedKinds, ...stayingKinds];

/** Seconds that an insertion lasts, at most; those of people end with what was seen of them. */
const LONGEST_SECONDS = { thrown: 1.5, rolling: 4, left: 15, flickering: 10, displaced: 15 };
const PASSER_SECONDS = 8;

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
   * @param ground their background
   */
  apply(pictures: readonly Uint8Array[], ground: Uint8Array): void;
}

/** Makes odd things of many kinds out of a camera's own footage. */
export class Insertions {
  readonly #passers: readonly Passer[];
  readonly #format: FrameFormat;
  readonly #fps: number;
  readonly #random: Random;
  readonly #kinds: readonly InsertionKind[];
  #next = 0;

  /** @param passers of the same format and frame rate */
  constructor(passers: readonly Passer[], format: FrameFormat, fps: number, random: Random) {
    this.#passers = passers;
    this.#format = format;
    this.#fps = fps;
    this.#random = random;
    const possible = passerKinds.filter((kind) => this.#able(kind).length > 0);
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
          putObject(picture, object, i / (frames - 1), format);
      },
    };
  }

  #person(kind: PasserKind): Insertion {
    const able = this.#able(kind);
    const passer = able[this.#random.below(able.length)]!;
    const most = Math.round(PASSER_SECONDS * this.#fps);
    const [part, composed] = this.#asComposed(kind, passer, most);
    let frames = Math.min(most, part.sprites.length);
    while (!isLongEnough(part, composed, frames)) frames -= 1;
    return {
      kind,
      frames,
      apply: (pictures, ground) =>
        compose(
          { frames, pictures: new Map(pictures.entries()), ground, format: this.#format },
          { passer: part, kind: composed },
          this.#random,
        ),
    };
  }

  /** Staying people are composed unaltered, on a path of their own. */
  #asComposed(kind: PasserKind, passer: Passer, frames: number): [Passer, PseudoKind] {
    switch (kind) {
      case 'standing': {
        const at = this.#random.below(passer.sprites.length);
        const repeat = <T>(thing: T) => new Array<T>(frames).fill(thing);
        const staying = {
          ...passer,
          sprites: repeat(passer.sprites[at]!),
          path: repeat(passer.path[at]!),
        };
        return [staying, 'control'];
      }
      case 'jumping': {
        const path = passer.path.map(({ x, bottom }, i) => {
          const phase = (Math.PI * JUMPS.aSecond * i) / this.#fps;
          const height = JUMPS.height * passer.sprites[i]!.height;
          return { x, bottom: bottom - height * Math.abs(Math.sin(phase)) };
        });
        return [{ ...passer, path }, 'control'];
      }
      default:
        return [passer, kind];
    }
  }

  /** Who was seen for at least a second of it. */
  #able(kind: PasserKind): readonly Passer[] {
    const second = Math.max(2, Math.round(this.#fps));
    const composed = isStaying(kind) ? 'control' : kind;
    return this.#passers.filter((passer) => isLongEnough(passer, composed, second));
  }

  #personSize(): number {
    const sizes = this.#passers
      .map(({ sprites: [first] }) => Math.max(first!.width, first!.height))
      .sort((a, b) => a - b);
    return sizes[sizes.length >> 1] ?? USUAL_SIZE * this.#format.height;
  }
}

const isObject = (kind: InsertionKind): kind is ObjectKind =>
  (objectKinds as readonly string[]).includes(kind);

const isStaying = (kind: PasserKind): kind is (typeof stayingKinds)[number] =>
  (stayingKinds as readonly string[]).includes(kind);
