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
import { type AlterationKind, type AlteredTrack, compose, isLongEnough } from './compose.ts';
import type { Track, TrackedFootage } from './tracks.ts';

/** Training labels of the pace head, bytes `[cells]`; cells where both are 0 are ignored. */
export interface CellLabels {
  /** 1 where the motion is abnormal. */
  readonly abnormal: Uint8Array;
  /** Weight of a cell as normal; 0 where it is not. */
  readonly normal: Uint8Array;
}

/** Tracks pasted into a clip. */
const FEWEST = 3;
const MOST = 8;
/** Share of them that stay unaltered. */
const CONTROLS = 0.5;
/** Upweights unaltered pasted people, so that compositing artefacts are no cue. */
const CONTROL_WEIGHT = 8;
/** Fraction of a cell that a sprite must cover to label it. */
const COVERED = 0.25;

/** Makes clips with synthetic anomalies out of normal footage. */
export class SyntheticClips {
  readonly #model: ModelConfiguration;
  readonly #footage: TrackedFootage;
  readonly #tracks: ReadonlyMap<AlterationKind, readonly Track[]>;
  readonly #kinds: readonly AlterationKind[];

  private constructor(
    model: ModelConfiguration,
    footage: TrackedFootage,
    tracks: ReadonlyMap<AlterationKind, readonly Track[]>,
    kinds: readonly AlterationKind[],
  ) {
    this.#model = model;
    this.#footage = footage;
    this.#tracks = tracks;
    this.#kinds = kinds;
  }

  /** @returns `undefined` where no track is long enough for any of the kinds. */
  static of(
    footage: TrackedFootage,
    model: ModelConfiguration,
    wanted: readonly AlterationKind[],
  ): SyntheticClips | undefined {
    const length = clipLength(model);
    const tracks = new Map(
      [...wanted, 'control' as const].map((kind) => [
        kind,
        footage.tracks.filter((track) => isLongEnough(track, kind, length)),
      ]),
    );
    const kinds = wanted.filter((kind) => tracks.get(kind)!.length > 0);
    return kinds.length === 0 ? undefined : new SyntheticClips(model, footage, tracks, kinds);
  }

  /**
   * Makes one clip; the same seed gives the same clip.
   * @param frames filled with the frames that the model needs, bytes `[offsets, C, H, W]`
   */
  async make(seed: string, frames: Uint8Array): Promise<CellLabels> {
    const random = new Random(seed);
    const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
    const altered = Array.from(
      { length: FEWEST + random.below(MOST - FEWEST + 1) },
      (): AlteredTrack => {
        const kind = random.uniform() < CONTROLS ? 'control' : pick(this.#kinds);
        return { kind, track: pick(this.#tracks.get(kind)!) };
      },
    );
    const { clip, start, end, background } = pick(this.#footage.stretches);
    const length = clipLength(this.#model);
    const first = start + random.below(end - start - length + 1);
    const offsets = clipOffsets(this.#model);
    const wanted = offsets.map((offset) => length - 1 - offset);
    await readFrames(
      frames,
      clip,
      wanted.map((frame) => first + frame),
    );
    const size = frames.length / offsets.length;
    const pictures = new Map(
      wanted.map((frame, i) => [frame, frames.subarray(i * size, (i + 1) * size)]),
    );
    const marks = new Uint8Array(clip.format.width * clip.format.height);
    const labelled = length - 1 - newestSeen(this.#model);
    const scene = { frames: length, pictures, background, format: clip.format };
    for (const track of altered) {
      const mark = track.kind === 'control' ? CONTROL : ABNORMAL;
      compose(scene, track, random, (frame, pixel) => {
        if (frame === labelled) marks[pixel] = mark;
      });
    }
    return labelsOf(this.#model, marks);
  }
}

/** Marks of pixels; 0 is the original footage. */
const CONTROL = 1;
const ABNORMAL = 2;

/** Cells that an anomaly covers by too little are neither abnormal nor normal. */
function labelsOf(model: ModelConfiguration, marks: Uint8Array): CellLabels {
  const { width } = model.input;
  const grid = cellGrid(model);
  const abnormal = new Uint8Array(grid.width * grid.height);
  const normal = new Uint8Array(abnormal.length);
  for (let cell = 0; cell < abnormal.length; cell++) {
    const first = Math.floor(cell / grid.width) * CELL * width + (cell % grid.width) * CELL;
    const covered = [0, 0, 0];
    for (let y = 0; y < CELL; y++)
      for (let x = 0; x < CELL; x++) covered[marks[first + y * width + x]!]! += 1 / CELL ** 2;
    if (covered[ABNORMAL]! >= COVERED) abnormal[cell] = 1;
    else if (covered[ABNORMAL] === 0)
      normal[cell] = covered[CONTROL]! >= COVERED ? CONTROL_WEIGHT : 1;
  }
  return { abnormal, normal };
}
