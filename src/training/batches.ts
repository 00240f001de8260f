import { Buffer } from 'node:buffer';
import type { Shape } from '../graph/index.ts';
import { cellGrid } from '../model/configuration.ts';
import { clipShape } from '../model/input.ts';
import type { Feed } from '../runtime/session.ts';
import type { RunSettings } from './checkpoint.ts';
import { type Footage, Lessons } from './lessons.ts';
import { readBatch, SampleOrder, samplesOf } from './samples.ts';
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
    const count = training.batch - decoded.length;
    const lessonsOfStep = Array.from({ length: count }, (_, i) => lessons.of(step * count + i));
    const [recorded, ...judged] = await Promise.all([readBatch(decoded, model), ...lessonsOfStep]);
    const { height, width } = cellGrid(model);
    const cells = decoded.length * height * width;
    const together = (shape: Shape, first: Uint8Array, rest: readonly Uint8Array[]): Feed => ({
      shape,
      data: Buffer.concat([first, ...rest]),
    });
    const verdict = (value: number, side: 'odd' | 'usual'): Feed =>
      together(
        [training.batch, height * width],
        new Uint8Array(cells).fill(value),
        judged.map((clip) => clip[side]),
      );
    return {
      frames: together(
        clipShape(model, training.batch),
        recorded.data as Uint8Array,
        judged.map(({ frames }) => frames),
      ),
      odd: verdict(0, 'odd'),
      usual: verdict(1, 'usual'),
    };
  }
}
