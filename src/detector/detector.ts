import { cellGrid, clipLength, type ModelConfiguration } from '../model/configuration.ts';
import type { Weights } from '../nn/parameters.ts';
import type { Device } from '../runtime/session.ts';
import type { CellErrors } from '../scoring/blocks.ts';
import type { FrameFormat } from '../video/frame.ts';
import type { ConvolutionRanges } from './activation-ranges.ts';
import { StepSessions } from './step-sessions.ts';
import type { Stream, StreamFrame } from './stream.ts';

export interface DetectorOptions {
  readonly device?: Device | undefined;
  readonly threads?: number | undefined;
  /**
   * Frames that may go through the model together. More are quicker for small models, but `errors`
   * waits for them: a live stream wants 1. The errors are the same.
   */
  readonly batch?: number | undefined;
}

/**
 * Cells that go through the model together. Where each frame has so many, more gain little, and each
 * size of batch holds the weights once more.
 */
const BATCH_CELLS = 1024;

/**
 * A model that turns the frames of streams into the errors of its decoders. Any number of streams
 * share its weights; what is kept of each lies in its {@link Stream}.
 */
export class Detector {
  readonly configuration: ModelConfiguration;
  /** What its frames must look like. */
  readonly format: FrameFormat;
  /** Frames of a stream before its first errors: that many minus one have none. */
  readonly clipLength: number;
  /** Frames that go through the model together, at most. */
  readonly batch: number;
  /** The largest batch first; the last is of one frame. */
  readonly #sessions: readonly StepSessions[];
  #turn: Promise<unknown> = Promise.resolve();
  #released: Promise<void> | undefined;

  private constructor(configuration: ModelConfiguration, sessions: readonly StepSessions[]) {
    this.configuration = configuration;
    this.format = configuration.input;
    this.clipLength = clipLength(configuration);
    this.batch = sessions[0]!.batch;
    this.#sessions = sessions;
  }

  /**
   * @param int8 convolutions to be in int8, and the ranges that they were measured to have
   * @throws UserError when the device cannot be used.
   */
  static async create(
    configuration: ModelConfiguration,
    weights: Weights,
    { device = 'cpu', threads, batch }: DetectorOptions = {},
    int8?: ConvolutionRanges,
  ): Promise<Detector> {
    const { height, width } = cellGrid(configuration);
    const together = batch ?? Math.min(16, Math.max(1, Math.floor(BATCH_CELLS / (height * width))));
    // Each of several sessions has its own threads, and a camera's decoder wants the cores, too.
    const options = { device, int8, spinning: false, ...(threads ? { threads } : {}) };
    const sessions: StepSessions[] = [];
    for (const size of batchSizes(together))
      sessions.push(await StepSessions.compile(configuration, weights, size, options));
    return new Detector(configuration, sessions);
  }

  /** A new stream. It needs no release, and any number may be open. */
  open(): Stream {
    return this.#sessions[0]!.open();
  }

  /**
   * The errors of some frames, in their order; `undefined` where a stream has not seen enough yet.
   * They may be of several streams, and several of one stream, in the order in which they were taken.
   * Calls wait for each other.
   * @throws Error after {@link release}
   */
  step(frames: readonly StreamFrame[]): Promise<(CellErrors | undefined)[]> {
    if (this.#released) return Promise.reject(new Error('the model was released'));
    const results = this.#turn.then(() => this.#step(frames));
    this.#turn = results.catch(() => undefined);
    return results;
  }

  /**
   * The errors of each frame of a stream, in order: one result a frame, `undefined` while the model
   * has not seen enough frames. What it holds is bounded by one batch and one {@link Stream}.
   * @param frames bytes `[C, H, W]` of {@link format}
   */
  async *errors(frames: AsyncIterable<Uint8Array>): AsyncGenerator<CellErrors | undefined> {
    const stream = this.open();
    let waiting: StreamFrame[] = [];
    for await (const frame of frames) {
      waiting.push({ stream, frame });
      if (waiting.length < this.batch) continue;
      yield* await this.step(waiting);
      waiting = [];
    }
    yield* await this.step(waiting);
  }

  async #step(frames: readonly StreamFrame[]): Promise<(CellErrors | undefined)[]> {
    const results: (CellErrors | undefined)[] = [];
    for (const sessions of this.#sessions)
      while (frames.length - results.length >= sessions.batch) {
        const next = frames.slice(results.length, results.length + sessions.batch);
        results.push(...(await sessions.run(next)));
      }
    return results;
  }

  /** Frees what was compiled, once the steps under way are done. A second call does nothing more. */
  release(): Promise<void> {
    this.#released ??= this.#turn.then(async () => {
      for (const sessions of this.#sessions) await sessions.release();
    });
    return this.#released;
  }
}

/** Batches that any number of frames divides into without padding, the largest first. */
function batchSizes(largest: number): number[] {
  return largest === 1 ? [1] : [largest, ...batchSizes(Math.max(1, Math.floor(largest / 4)))];
}
