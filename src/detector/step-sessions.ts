import { sizeOf, type Value } from '../graph/index.ts';
import { cellGrid, clipLength, type ModelConfiguration } from '../model/configuration.ts';
import { StreamFrames } from '../model/input.ts';
import type { Weights } from '../nn/parameters.ts';
import { type Feed, Session, type SessionOptions, type Tensor } from '../runtime/session.ts';
import type { CellErrors, ErrorKind } from '../scoring/blocks.ts';
import { differenceGraph, errorGraph, kept, type StepGraph, window } from './step-graphs.ts';
import { Stream, type StreamFrame } from './stream.ts';

/** A compiled graph, and the memory that it is fed from. */
interface Part extends Pick<StepGraph, 'offsets'> {
  readonly session: Session;
  readonly feeds: Readonly<Record<string, Feed>>;
}

/**
 * The two graphs of a step, compiled for a number of frames that go through together: of several
 * cameras, or of one camera one after the other. The first encodes what is new in each frame; the
 * second then finds kept what earlier frames of the same batch brought.
 */
export class StepSessions {
  readonly batch: number;
  readonly #configuration: ModelConfiguration;
  readonly #differences: Part;
  readonly #errors: Part;

  private constructor(c: ModelConfiguration, batch: number, differences: Part, errors: Part) {
    this.#configuration = c;
    this.batch = batch;
    this.#differences = differences;
    this.#errors = errors;
  }

  /** @throws UserError when the device cannot be used. */
  static async compile(
    c: ModelConfiguration,
    weights: Weights,
    batch: number,
    options: SessionOptions,
  ): Promise<StepSessions> {
    const [differences, errors] = await Promise.all(
      [differenceGraph(c, weights, batch), errorGraph(c, weights, batch)].map(
        async ({ offsets, inputs, outputs }): Promise<Part> => ({
          session: await Session.compile(outputs, options),
          offsets,
          feeds: Object.fromEntries([...inputs].map(([name, input]) => [name, memoryOf(input)])),
        }),
      ),
    );
    return new StepSessions(c, batch, differences!, errors!);
  }

  /** A stream that has seen nothing yet. */
  open(): Stream {
    const reach = Math.max(...this.#differences.offsets, ...this.#errors.offsets);
    return new Stream(this.#configuration, reach + 1);
  }

  /**
   * The errors of each frame, `undefined` while its stream has not seen enough. One call at a time.
   * @param frames as many as {@link batch}
   */
  async run(frames: readonly StreamFrame[]): Promise<(CellErrors | undefined)[]> {
    const c = this.#configuration;
    const encoded: boolean[] = [];
    const scored: boolean[] = [];
    // All frames are fed before any graph runs: a stream's next frame may overwrite its oldest.
    frames.forEach(({ stream, frame }, i) => {
      stream.push(frame);
      encoded[i] = feedFrames(this.#differences, stream, i);
      scored[i] = stream.seen >= clipLength(c) && feedFrames(this.#errors, stream, i);
    });
    if (!encoded.includes(true)) return frames.map(() => undefined);
    const features = await this.#differences.session.run(this.#differences.feeds);
    const { feeds, session } = this.#errors;
    frames.forEach(({ stream }, i) => {
      if (!encoded[i]) return;
      keepFeatures(stream, features, i);
      if (scored[i]) feedWindows(c, feeds, stream, i);
    });
    if (!scored.includes(true)) return frames.map(() => undefined);
    const errors = await session.run({ ...feeds, ...features });
    return frames.map((_, i) => (scored[i] ? errorsOf(c, errors, i) : undefined));
  }

  async release(): Promise<void> {
    await this.#differences.session.release();
    await this.#errors.session.release();
  }
}

function memoryOf({ shape, dtype }: Value): Feed {
  const size = sizeOf(shape);
  return { shape, data: dtype === 'uint8' ? new Uint8Array(size) : new Float32Array(size) };
}

/** Feeds what a graph sees of a stream in place `i` of the batch; false where frames are missing yet. */
function feedFrames({ offsets, feeds }: Part, { frames }: Stream, i: number): boolean {
  if (frames.length <= Math.max(...offsets)) return false;
  for (const offset of offsets) {
    const frame = frames.at(offset);
    feeds[StreamFrames.input(offset)]!.data.set(frame, i * frame.length);
  }
  return true;
}

/** Adds what the first graph has computed in place `i` of the batch to what a stream keeps. */
function keepFeatures(
  { features }: Stream,
  results: Readonly<Record<string, Tensor>>,
  i: number,
): void {
  features.forEach((ring, scale) => {
    const { data } = results[kept(scale)]!;
    ring.push(data.subarray(i * ring.size, (i + 1) * ring.size) as Float32Array);
  });
}

/** Feeds the window that each time scale looks back on, oldest first. */
function feedWindows(
  { temporal: { steps, strides } }: ModelConfiguration,
  feeds: Part['feeds'],
  { features }: Stream,
  i: number,
): void {
  features.forEach((ring, scale) => {
    const { data } = feeds[window(scale)]!;
    for (let step = 0; step < steps; step++)
      data.set(ring.at((steps - 1 - step) * strides[scale]!), (i * steps + step) * ring.size);
  });
}

function errorsOf(
  c: ModelConfiguration,
  errors: Readonly<Record<string, Tensor>>,
  i: number,
): CellErrors {
  const grid = cellGrid(c);
  const cells = grid.height * grid.width;
  const map = (kind: ErrorKind) =>
    errors[kind]?.data.slice(i * cells, (i + 1) * cells) as Float32Array | undefined;
  return {
    grid,
    appearance: map('appearance'),
    motion: map('motion'),
    expectedMotion: map('expectedMotion'),
    pace: map('pace'),
  };
}
