import { sizeOf } from '../graph/index.ts';
import {
  cellGrid,
  clipLength,
  clipOffsets,
  type ModelConfiguration,
} from '../model/configuration.ts';
import { clipShape } from '../model/input.ts';
import type { Weights } from '../nn/parameters.ts';
import { type Device, type Feed, Session } from '../runtime/session.ts';
import type { CellErrors } from '../scoring/blocks.ts';
import type { FrameFormat } from '../video/frame.ts';
import { errorGraph } from './clip-graph.ts';

export interface DetectorOptions {
  readonly device?: Device | undefined;
  readonly threads?: number | undefined;
  /**
   * Frames that go through the model together. More are quicker for small models but must be waited
   * for: a live stream wants 1. The errors are the same.
   */
  readonly batch?: number | undefined;
}

/** Cells that keep two cores busy: a batch of a small model, one frame of a larger one. */
const BATCH_CELLS = 2048;

/** A model that turns the frames of a stream into the errors of its decoders. */
export class Detector {
  readonly configuration: ModelConfiguration;
  /** What its frames must look like. */
  readonly format: FrameFormat;
  /** Frames before the first errors: that many minus one have none. */
  readonly clipLength: number;
  readonly #session: Session;
  readonly #batch: number;

  private constructor(configuration: ModelConfiguration, session: Session, batch: number) {
    this.configuration = configuration;
    this.format = configuration.input;
    this.clipLength = clipLength(configuration);
    this.#session = session;
    this.#batch = batch;
  }

  /** @throws UserError when the device cannot be used. */
  static async create(
    configuration: ModelConfiguration,
    weights: Weights,
    { device = 'cpu', threads, batch }: DetectorOptions = {},
  ): Promise<Detector> {
    const { height, width } = cellGrid(configuration);
    const together = batch ?? Math.min(16, Math.max(1, Math.floor(BATCH_CELLS / (height * width))));
    const graph = errorGraph(configuration, weights, together);
    const session = await Session.compile(graph, { device, ...(threads ? { threads } : {}) });
    return new Detector(configuration, session, together);
  }

  /**
   * The errors of each frame of a stream, in order: one result a frame, `undefined` while the model
   * has not seen enough frames. It holds the frames of one clip and of one batch, no more.
   * @param frames bytes `[C, H, W]` of {@link format}
   */
  async *errors(frames: AsyncIterable<Uint8Array>): AsyncGenerator<CellErrors | undefined> {
    const offsets = clipOffsets(this.configuration);
    const shape = clipShape(this.configuration, this.#batch);
    const picture = sizeOf(shape.slice(2));
    const input = { shape, data: new Uint8Array(sizeOf(shape)) };
    const past: Uint8Array[] = [];
    let waiting = 0;
    for await (const frame of frames) {
      past.push(frame);
      if (past.length > this.clipLength) past.shift();
      if (past.length < this.clipLength) {
        yield undefined;
        continue;
      }
      offsets.forEach((offset, i) => {
        const at = (waiting * offsets.length + i) * picture;
        input.data.set(past[this.clipLength - 1 - offset]!, at);
      });
      waiting += 1;
      if (waiting === this.#batch) {
        yield* this.#run(input, waiting);
        waiting = 0;
      }
    }
    if (waiting > 0) yield* this.#run(input, waiting);
  }

  async *#run(frames: Feed, count: number): AsyncGenerator<CellErrors> {
    const results = await this.#session.run({ frames });
    const grid = cellGrid(this.configuration);
    const cells = grid.height * grid.width;
    const map = (branch: 'appearance' | 'motion', i: number): Float32Array | undefined => {
      const data = results[branch]?.data as Float32Array | undefined;
      return data?.slice(i * cells, (i + 1) * cells);
    };
    for (let i = 0; i < count; i++)
      yield { grid, appearance: map('appearance', i), motion: map('motion', i) };
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}
