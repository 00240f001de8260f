import type { Clip } from '../datasets/clip.ts';
import { cellGrid, clipLength, type ModelConfiguration } from '../model/configuration.ts';
import { paceClips, type TrainingConfiguration } from './configuration.ts';
import type { HoldOut, Segment } from './hold-out.ts';
import { readInto, SampleOrder, samplesOf } from './samples.ts';
import { type CellLabels, SyntheticClips } from './synthetic/synthetic-clips.ts';
import { findTracks, type TrackedFootage } from './synthetic/tracks.ts';

/** Makes the `i`-th example of a kind and fills `frames`, bytes `[offsets, C, H, W]`; the same `i` gives the same. */
type ExampleSource = (i: number, frames: Uint8Array) => Promise<CellLabels>;

/** Normal footage and what training needs to know about it. */
export interface Footage {
  readonly clips: readonly Clip[];
  readonly segments: readonly Segment[];
  /** Empty for models without a pace head. */
  readonly tracked: TrackedFootage;
}

/** Prepares both parts of the footage. Finding tracks takes seconds, so only models with a pace head get them. */
export async function openFootage(
  clips: readonly Clip[],
  segments: HoldOut,
  model: ModelConfiguration,
): Promise<Record<keyof HoldOut, Footage>> {
  const part = async (of: readonly Segment[]): Promise<Footage> => ({
    clips,
    segments: of,
    tracked: model.pace
      ? await findTracks(clips, of, clipLength(model))
      : { stretches: [], tracks: [] },
  });
  return { training: await part(segments.training), heldOut: await part(segments.heldOut) };
}

/** Whether both parts of the footage are long enough for a clip at twice its speed. */
export const canTrainPace = (
  clips: readonly Clip[],
  segments: HoldOut,
  model: ModelConfiguration,
  training: TrainingConfiguration,
): boolean =>
  paceClips(training) > 0 &&
  training.losses.pace > 0 &&
  [segments.training, segments.heldOut].every(
    (part) => samplesOf(clips, part, model, 2).length > 0,
  );

/**
 * What the pace head is trained on: in turn, footage at twice its speed, and clips with synthetic
 * anomalies if any track was found.
 */
export class PaceExamples {
  readonly #sources: readonly ExampleSource[];

  /** @param footage for which {@link canTrainPace} holds */
  constructor(
    footage: Footage,
    model: ModelConfiguration,
    { taught }: TrainingConfiguration,
    seed: string | number,
  ) {
    const synthetic = SyntheticClips.of(footage.tracked, model, taught);
    const anomalies: ExampleSource[] = synthetic
      ? [(i, frames) => synthetic.make(`${seed}:odd:${i}`, frames)]
      : [];
    this.#sources = [atDoubleSpeed(footage, model, seed), ...anomalies];
  }

  /**
   * @param i from 0; the same example for the same number
   * @param frames filled with the example's frames, bytes `[offsets, C, H, W]`
   */
  read(i: number, frames: Uint8Array): Promise<CellLabels> {
    const { length } = this.#sources;
    return this.#sources[i % length]!(Math.floor(i / length), frames);
  }
}

function atDoubleSpeed(
  { clips, segments }: Footage,
  model: ModelConfiguration,
  seed: string | number,
): ExampleSource {
  const order = new SampleOrder(samplesOf(clips, segments, model, 2), 1, `${seed}:paced`);
  const { height, width } = cellGrid(model);
  const abnormal = new Uint8Array(height * width).fill(1);
  const normal = new Uint8Array(height * width);
  return async (i, frames) => {
    await readInto(frames, order.of(i), model);
    return { abnormal, normal };
  };
}
