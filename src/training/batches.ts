import { Buffer } from 'node:buffer';
import { sizeOf } from '../graph/index.ts';
import { cellGrid } from '../model/configuration.ts';
import { clipShape } from '../model/input.ts';
import type { Feed } from '../runtime/session.ts';
import { type Footage, PaceExamples } from './pace-examples.ts';
import type { RunSettings } from './run-settings.ts';
import { readBatch, readInto, SampleOrder, samplesOf } from './samples.ts';
import { decodedClips } from './step-graph.ts';
import type { CellLabels } from './synthetic/synthetic-clips.ts';

/** Reads the batch of each step: normal clips, which are decoded, then examples for the pace head alone. */
export class Batches {
  /** Steps that read every normal clip once. */
  readonly stepsPerEpoch: number;
  readonly #settings: RunSettings;
  readonly #normal: SampleOrder;
  readonly #examples: PaceExamples | undefined;

  constructor(settings: RunSettings, footage: Footage, seed: string | number) {
    const { model, training } = settings;
    const samples = samplesOf(footage.clips, footage.segments, model);
    this.#settings = settings;
    this.#normal = new SampleOrder(samples, decodedClips(model, training), seed);
    this.#examples = model.pace ? new PaceExamples(footage, model, training, seed) : undefined;
    this.stepsPerEpoch = this.#normal.stepsPerEpoch;
  }

  /**
   * The same seed and step give the same batch.
   * @param step from 0
   * @returns `frames`, bytes `[B, offsets, C, H, W]`, and for models with a pace head its labels `abnormal` and
   *   `normal`, bytes `[B, cells]`
   */
  async read(step: number): Promise<Record<string, Feed>> {
    const { model, training } = this.#settings;
    const decoded = this.#normal.of(step);
    const examples = this.#examples;
    if (!examples) return { frames: await readBatch(decoded, model) };
    const shape = clipShape(model, training.batch);
    const frames = Buffer.allocUnsafeSlow(sizeOf(shape));
    const count = training.batch - decoded.length;
    const [normalFrames, ...exampleFrames] = split(frames, training.batch, decoded.length);
    const [, ...labels] = await Promise.all([
      readInto(normalFrames!, decoded, model),
      ...exampleFrames.map((place, i) => examples.read(step * count + i, place)),
    ]);
    const { height, width } = cellGrid(model);
    const label = (value: number, name: keyof CellLabels): Feed => ({
      shape: [training.batch, height * width],
      data: Buffer.concat([
        new Uint8Array(decoded.length * height * width).fill(value),
        ...labels.map((cells) => cells[name]),
      ]),
    });
    return {
      frames: { shape, data: frames },
      abnormal: label(0, 'abnormal'),
      normal: label(1, 'normal'),
    };
  }
}

/** Splits a batch into the place of its first clips and one place for each of the others. */
function split(batch: Uint8Array, count: number, first: number): Uint8Array[] {
  const size = batch.length / count;
  const ends = Array.from({ length: count - first + 1 }, (_, i) => (first + i) * size);
  return ends.map((end, i) => batch.subarray(ends[i - 1] ?? 0, end));
}
