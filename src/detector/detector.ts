import { cellGrid, clipLength, type ModelConfiguration } from '../model/configuration.ts';
import type { Weights } from '../nn/parameters.ts';
import type { Device, SessionOptions } from '../runtime/session.ts';
import type { CellErrors } from '../scoring/blocks.ts';
import type { FrameFormat } from '../video/frame.ts';
import { StepSessions, type StreamFrame } from './step-sessions.ts';
import type { Stream } from './stream.ts';

export interface DetectorOptions {
  readonly device?: Device | undefined;
  readonly threads?: number | undefined;
  /**
   * Frames that may go through the model together. More are quicker for small models, but `errors`
   * waits for them: a live stream wants 1. The errors are the same.
   */
  readonly batch?: number | undefined;
}

/** Cells that keep two cores busy: a batch of a small model, one frame of a larger one. */
const BATCH_CELLS = 2048;

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
  readonly #weights: Weights;
  readonly #options: SessionOptions;
  /** Compiled for one frame; those for more are compiled when they are first wanted. */
  readonly #single: StepSessions;
  readonly #sessions = new Map<number, Promise<StepSessions>>();
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    configuration: ModelConfiguration,
    weights: Weights,
    batch: number,
    options: SessionOptions,
    single: StepSessions,
  ) {
    this.configuration = configuration;
    this.format = configuration.input;
    this.clipLength = clipLength(configuration);
    this.batch = batch;
    this.#weights = weights;
    this.#options = options;
    this.#single = single;
    this.#sessions.set(1, Promise.resolve(single));
  }

  /** @throws UserError when the device cannot be used. */
  static async create(
    configuration: ModelConfiguration,
    weights: Weights,
    { device = 'cpu', threads, batch }: DetectorOptions = {},
  ): Promise<Detector> {
    const { height, width } = cellGrid(configuration);
    const together = batch ?? Math.min(16, Math.max(1, Math.floor(BATCH_CELLS / (height * width))));
    const options = { device, ...(threads ? { threads } : {}) };
    const single = await StepSessions.compile(configuration, weights, 1, options);
    return new Detector(configuration, weights, together, options, single);
  }

  /** A new stream. It needs no release, and any number may be open. */
  open(): Stream {
    return this.#single.open();
  }

  /**
   * The errors of some frames, in their order; `undefined` where a stream has not seen enough yet.
   * They may be of several streams, and several of one stream, in the order in which they were taken.
   * Calls wait for each other.
   */
  step(frames: readonly StreamFrame[]): Promise<(CellErrors | undefined)[]> {
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
    while (results.length < frames.length) {
      const left = frames.length - results.length;
      const sessions = await this.#sessionsFor(left);
      const next = frames.slice(results.length, results.length + sessions.batch);
      results.push(...(await sessions.run(next)));
    }
    return results;
  }

  /** Those of the largest batch that so many frames fill: a batch is never padded. */
  #sessionsFor(frames: number): Promise<StepSessions> {
    let size = this.batch;
    while (size > frames) size = Math.floor(size / 4) || 1;
    let sessions = this.#sessions.get(size);
    if (!sessions) {
      sessions = StepSessions.compile(this.configuration, this.#weights, size, this.#options);
      this.#sessions.set(size, sessions);
    }
    return sessions;
  }

  /** Frees what was compiled, once the steps under way are done. */
  async release(): Promise<void> {
    await this.#turn;
    for (const sessions of this.#sessions.values()) await (await sessions).release();
  }
}
