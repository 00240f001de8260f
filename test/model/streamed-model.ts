import { Graph, type Value } from '../../src/graph/index.ts';
import { cellGrid, type ModelConfiguration } from '../../src/model/configuration.ts';
import { m2s2lStream } from '../../src/model/m2s2l.ts';
import { TrainedNet } from '../../src/nn/parameters.ts';
import { Session, type Tensor } from '../../src/runtime/session.ts';
import { startingWeights } from './small-models.ts';

/** The model on a stream, with its starting weights: frame by frame, past features kept outside. */
export class StreamedModel {
  readonly #session: Session;
  readonly #strides: readonly number[];
  /** How long before the scored frame those frames lie that are asked for. */
  readonly offsets: readonly number[];
  readonly #keptShape: readonly number[];
  readonly #history: Record<string, Tensor>[] = [];

  private constructor(
    session: Session,
    strides: readonly number[],
    offsets: readonly number[],
    keptShape: readonly number[],
  ) {
    this.#session = session;
    this.#strides = strides;
    this.offsets = offsets;
    this.#keptShape = keptShape;
  }

  static async create(c: ModelConfiguration): Promise<StreamedModel> {
    const graph = new Graph();
    const { channels, height, width } = c.input;
    const { steps, strides, width: embedded } = c.temporal;
    const cells = cellGrid(c).height * cellGrid(c).width;
    const frames = new Map<number, Value>();
    const frame = (offset: number): Value => {
      const known = frames.get(offset);
      const value = known ?? graph.input(`frame-${offset}`, [1, channels, height, width]);
      frames.set(offset, value);
      return value;
    };
    const keptShape = [1, steps - 1, cells, embedded * c.expand];
    const pastSteps =
      steps === 1 ? [] : strides.map((_, scale) => graph.input(`past-${scale}`, keptShape));
    const net = new TrainedNet(graph, startingWeights(c));
    const { appearance, motion, newSteps } = m2s2lStream(net, c, { frame, pastSteps });
    const session = await Session.compile({
      ...(appearance && { appearance }),
      ...(motion && { motion }),
      ...Object.fromEntries(newSteps.map((step, scale) => [`new-${scale}`, step])),
    });
    return new StreamedModel(session, strides, [...frames.keys()], keptShape);
  }

  /** Scores the picture `now` of a stream; features that were never computed count as zeros. */
  async step(pictures: readonly Tensor[], now: number): Promise<Record<string, Tensor>> {
    const feeds: Record<string, Tensor> = {};
    for (const offset of this.offsets) feeds[`frame-${offset}`] = pictures[now - offset]!;
    const [, past, cells, inner] = this.#keptShape as [number, number, number, number];
    this.#strides.forEach((stride, scale) => {
      const data = new Float32Array(past * cells * inner);
      for (let step = 0; step < past; step++) {
        const kept = this.#history[now - (past - step) * stride]?.[`new-${scale}`];
        if (kept) data.set(kept.data, step * cells * inner);
      }
      feeds[`past-${scale}`] = { shape: this.#keptShape, data };
    });
    return (this.#history[now] = await this.#session.run(feeds));
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}
