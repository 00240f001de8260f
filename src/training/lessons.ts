import type { Clip } from '../datasets/clip.ts';
import { cellGrid, clipLength, type ModelConfiguration } from '../model/configuration.ts';
import { judgedClips, type TrainingConfiguration } from './configuration.ts';
import type { HoldOut, Segment } from './hold-out.ts';
import { type CellVerdict, OddClips } from './pseudo/odd-clips.ts';
import { findPassers, type Passage } from './pseudo/passers.ts';
import { readInto, SampleOrder, samplesOf } from './samples.ts';

/**
 * Makes a lesson, the same for the same turn, into a place for its frames, bytes `[offsets, C, H, W]`; turns
 * count from 0.
 */
type Teacher = (turn: number, frames: Uint8Array) => Promise<CellVerdict>;

/** Normal footage, and those who pass through it. */
export interface Footage {
  readonly clips: readonly Clip[];
  readonly segments: readonly Segment[];
  readonly passage: Passage;
}

/** The two parts of the footage; nobody is looked for where no pace is judged. */
export async function openFootage(
  clips: readonly Clip[],
  segments: HoldOut,
  model: ModelConfiguration,
): Promise<Record<keyof HoldOut, Footage>> {
  const part = async (of: readonly Segment[]): Promise<Footage> => ({
    clips,
    segments: of,
    passage: model.pace
      ? await findPassers(clips, of, clipLength(model))
      : { stretches: [], passers: [] },
  });
  return { training: await part(segments.training), heldOut: await part(segments.heldOut) };
}

/** Whether the pace can be taught and measured by some footage: it is long enough to be seen at twice its own. */
export const isPaceTeachable = (
  clips: readonly Clip[],
  segments: HoldOut,
  model: ModelConfiguration,
  training: TrainingConfiguration,
): boolean =>
  judgedClips(training) > 0 &&
  training.losses.pace > 0 &&
  [segments.training, segments.heldOut].every(
    (part) => samplesOf(clips, part, model, 2).length > 0,
  );

/**
 * What the judge of the pace is taught by: in turn, footage at twice its pace, and footage with
 * somebody odd put in, if anybody passes.
 */
export class Lessons {
  readonly #teachers: readonly Teacher[];

  /** @param footage by which the pace is teachable */
  constructor(
    footage: Footage,
    model: ModelConfiguration,
    { taught }: TrainingConfiguration,
    seed: string | number,
  ) {
    const odd = OddClips.of(footage.passage, model, taught);
    const withOddOnes: Teacher[] = odd
      ? [(turn, frames) => odd.make(`${seed}:odd:${turn}`, frames)]
      : [];
    this.#teachers = [atTwiceThePace(footage, model, seed), ...withOddOnes];
  }

  /** @param frames becomes the frames of the lesson */
  of(turn: number, frames: Uint8Array): Promise<CellVerdict> {
    const { length } = this.#teachers;
    return this.#teachers[turn % length]!(Math.floor(turn / length), frames);
  }
}

function atTwiceThePace(
  { clips, segments }: Footage,
  model: ModelConfiguration,
  seed: string | number,
): Teacher {
  const order = new SampleOrder(samplesOf(clips, segments, model, 2), 1, `${seed}:paced`);
  const { height, width } = cellGrid(model);
  const odd = new Uint8Array(height * width).fill(1);
  const usual = new Uint8Array(height * width);
  return async (turn, frames) => {
    await readInto(frames, order.of(turn), model);
    return { odd, usual };
  };
}
