import { Buffer } from 'node:buffer';
import { sizeOf } from '../graph/index.ts';
import { cellGrid } from '../model/configuration.ts';
import { clipShape } from '../model/input.ts';
import type { Feed } from '../runtime/session.ts';
import { type Footage, Lessons } from './lessons.ts';
import type { RunSettings } from './run-settings.ts';
import { readBatch, readInto, SampleOrder, samplesOf } from './samples.ts';
import { decodedClips } from './step-graph.ts';

/** What each step is fed: normal clips, which are decoded, then those of which only the pace is judged. */
export class Batches {
  /** Steps in which every normal clip is seen once. */
  readonly stepsPerEpoch: number;
  readonly #settings: RunSettings;
  readonly #usual: SampleOrder;
  readonly #lessons: Lessons | undefined;

  constructor(settings: RunSettings, footage: Footage, seed: string | number) {
    const { model, training } = settings;
    const samples = samplesOf(footage.clips, footage.segments, model);
    this.#settings = settings;
    this.#usual = new SampleOrder(samples, decodedClips(model, training), seed);
    this.#lessons = model.pace ? new Lessons(footage, model, training, seed) : undefined;
    this.stepsPerEpoch = this.#usual.stepsPerEpoch;
  }

  /**
   * The same for the same seed and step: `frames`, bytes `[B, offsets, C, H, W]`, and where the pace is judged
   * `odd` and `usual`, bytes `[B, cells]`.
   * @param step from 0
   */
  async read(step: number): Promise<Record<string, Feed>> {
    const { model, training } = this.#settings;
    const decoded = this.#usual.of(step);
    const lessons = this.#lessons;
    if (!lessons) return { frames: await readBatch(decoded, model) };
    const shape = clipShape(model, training.batch);
    const frames = Buffer.allocUnsafeSlow(sizeOf(shape));
    const judged = training.batch - decoded.length;
    const [usualFrames, ...lessonFrames] = apart(frames, training.batch, decoded.length);
    const [, ...verdicts] = await Promise.all([
      readInto(usualFrames!, decoded, model),
      ...lessonFrames.map((place, i) => lessons.of(step * judged + i, place)),
    ]);
    const { height, width } = cellGrid(model);
    const verdict = (value: number, side: 'odd' | 'usual'): Feed => ({
      shape: [training.batch, height * width],
      data: Buffer.concat([
        new Uint8Array(decoded.length * height * width).fill(value),
        ...verdicts.map((cells) => cells[side]),
      ]),
    });
    return {
      frames: { shape, data: frames },
      odd: verdict(0, 'odd'),
      usual: verdict(1, 'usual'),
    };
  }
}

/** The place of the first clips of a batch, and of each of the others. */
function apart(batch: Uint8Array, count: number, first: number): Uint8Array[] {
  const size = batch.length / count;
  const ends = Array.from({ length: count - first + 1 }, (_, i) => (first + i) * size);
  return ends.map((end, i) => batch.subarray(ends[i - 1] ?? 0, end));
}
