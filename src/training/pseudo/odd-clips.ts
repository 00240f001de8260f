import {
  CELL,
  cellGrid,
  clipLength,
  clipOffsets,
  type ModelConfiguration,
  newestSeen,
} from '../../model/configuration.ts';
import { Random } from '../../nn/random.ts';
import { readFrames } from '../samples.ts';
import { compose, isLongEnough, type Part, type PseudoKind } from './compose.ts';
import type { Passage, Passer } from './passers.ts';

/** What is to be said of the pace of cells, bytes `[cells]`; a cell of which both are 0 is not asked. */
export interface CellVerdict {
  /** 1 where something is odd. */
  readonly odd: Uint8Array;
  /** Where nothing is: how much the cell counts. */
  readonly usual: Uint8Array;
}

/** How many are put into a clip. */
const FEWEST = 3;
const MOST = 8;
/** Half of them are as they were. */
const CONTROLS = 0.5;
/** These count more than what was there before: that somebody was put in must tell nothing. */
const CONTROL_WEIGHT = 8;
/** Whoever covers so much of a cell, it is his. */
const COVERED = 0.25;

/** Makes clips in which somebody is odd out of normal footage. */
export class OddClips {
  readonly #model: ModelConfiguration;
  readonly #passage: Passage;
  readonly #able: ReadonlyMap<PseudoKind, readonly Passer[]>;
  readonly #kinds: readonly PseudoKind[];

  private constructor(
    model: ModelConfiguration,
    passage: Passage,
    able: ReadonlyMap<PseudoKind, readonly Passer[]>,
    kinds: readonly PseudoKind[],
  ) {
    this.#model = model;
    this.#passage = passage;
    this.#able = able;
    this.#kinds = kinds;
  }

  /** @returns `undefined` where nobody passes. */
  static of(
    passage: Passage,
    model: ModelConfiguration,
    taught: readonly PseudoKind[],
  ): OddClips | undefined {
    const length = clipLength(model);
    const able = new Map(
      [...taught, 'control' as const].map((kind) => [
        kind,
        passage.passers.filter((passer) => isLongEnough(passer, kind, length)),
      ]),
    );
    const kinds = taught.filter((kind) => able.get(kind)!.length > 0);
    return kinds.length === 0 ? undefined : new OddClips(model, passage, able, kinds);
  }

  /**
   * A clip in which somebody is odd, the same for the same seed.
   * @param frames becomes the frames that the model wants, bytes `[offsets, C, H, W]`
   */
  async make(seed: string, frames: Uint8Array): Promise<CellVerdict> {
    const random = new Random(seed);
    const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
    const parts = Array.from({ length: FEWEST + random.below(MOST - FEWEST + 1) }, (): Part => {
      const kind = random.uniform() < CONTROLS ? 'control' : pick(this.#kinds);
      return { kind, passer: pick(this.#able.get(kind)!) };
    });
    const { clip, start, end, ground } = pick(this.#passage.stretches);
    const length = clipLength(this.#model);
    const first = start + random.below(end - start - length + 1);
    const offsets = clipOffsets(this.#model);
    const times = offsets.map((offset) => length - 1 - offset);
    await readFrames(
      frames,
      clip,
      times.map((time) => first + time),
    );
    const size = frames.length / offsets.length;
    const pictures = new Map(
      times.map((time, i) => [time, frames.subarray(i * size, (i + 1) * size)]),
    );
    const marks = new Uint8Array(clip.format.width * clip.format.height);
    const judged = length - 1 - newestSeen(this.#model);
    const scene = { frames: length, pictures, ground, format: clip.format };
    for (const part of parts) {
      const mark = part.kind === 'control' ? CONTROL : ODD;
      compose(scene, part, random, (time, pixel) => {
        if (time === judged) marks[pixel] = mark;
      });
    }
    return verdict(this.#model, marks);
  }
}

/** Marks of pixels; 0 is what was there before. */
const CONTROL = 1;
const ODD = 2;

/** What the marks of the pixels say of the cells. A cell with little of somebody odd is not asked. */
function verdict(model: ModelConfiguration, marks: Uint8Array): CellVerdict {
  const { width } = model.input;
  const grid = cellGrid(model);
  const odd = new Uint8Array(grid.width * grid.height);
  const usual = new Uint8Array(odd.length);
  for (let cell = 0; cell < odd.length; cell++) {
    const first = Math.floor(cell / grid.width) * CELL * width + (cell % grid.width) * CELL;
    const covered = [0, 0, 0];
    for (let y = 0; y < CELL; y++)
      for (let x = 0; x < CELL; x++) covered[marks[first + y * width + x]!]! += 1 / CELL ** 2;
    if (covered[ODD]! >= COVERED) odd[cell] = 1;
    else if (covered[ODD] === 0) usual[cell] = covered[CONTROL]! >= COVERED ? CONTROL_WEIGHT : 1;
  }
  return { odd, usual };
}
