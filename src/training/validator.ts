import { sizeOf } from '../graph/index.ts';
import { type ClipReader, Inspector, overlapAtStart } from '../inspection/inspect.ts';
import { type Inspection, rounded } from '../inspection/inspection.ts';
import { parameterSpecs } from '../model/cost.ts';
import { FlatNet } from '../nn/parameters.ts';
import { type Device, type Feed, Session } from '../runtime/session.ts';
import { Batches } from './batches.ts';
import { inspectedClips } from './held-out-clips.ts';
import { reportedLoss } from './loss.ts';
import type { Footage } from './pace-examples.ts';
import type { RunSettings } from './run-settings.ts';
import { spread } from './spread.ts';
import { decodedClips, lossGraph } from './step-graph.ts';

/** Held-out samples in one validation. */
const VALIDATION_SAMPLES = 64;
/** Held-out samples of an inspection, and of its ablations. */
const INSPECTED_SAMPLES = 16;
const ABLATED_SAMPLES = 4;

/** Figures measured on held-out footage during training. */
export interface HeldOutFigures {
  readonly validation: Record<string, number>;
  readonly inner: Inspection;
}

/** Measures losses and inspects the model on held-out footage, on the same samples every time. */
export class Validator {
  readonly #settings: RunSettings;
  readonly #batches: Batches;
  readonly #inspected: readonly ClipReader[];
  readonly #device: Device;
  #compiled: Promise<{ session: Session; inspector: Inspector; start: number }> | undefined;

  constructor(settings: RunSettings, heldOut: Footage, device: Device) {
    const { clips, segments } = heldOut;
    this.#settings = settings;
    this.#batches = new Batches(settings, heldOut, 'held out');
    this.#inspected = inspectedClips(clips, segments, settings.model, INSPECTED_SAMPLES);
    this.#device = device;
  }

  async measure(weights: Float32Array): Promise<HeldOutFigures> {
    const { session, inspector, start } = await (this.#compiled ??= this.#compile());
    const feeds = { weights: { shape: [weights.length], data: weights } };
    const { inspection } = await inspector.inspect(this.#inspected, {
      ablated: spread(this.#inspected, ABLATED_SAMPLES),
      overlapAtStart: start,
      feeds,
    });
    return { validation: await this.#losses(session, feeds), inner: rounded(inspection) };
  }

  async #losses(
    session: Session,
    feeds: Readonly<Record<string, Feed>>,
  ): Promise<Record<string, number>> {
    const { model, training } = this.#settings;
    const most = Math.floor(VALIDATION_SAMPLES / decodedClips(model, training));
    const count = Math.max(1, Math.min(most, this.#batches.stepsPerEpoch));
    const sums: Record<string, number> = {};
    for (let step = 0; step < count; step++) {
      const results = await session.run({ ...(await this.#batches.read(step)), ...feeds });
      for (const name of session.outputs)
        sums[name] = (sums[name] ?? 0) + results[name]!.data[0]! / count;
    }
    return { loss: reportedLoss(model, sums, training.losses), ...sums };
  }

  async #compile() {
    const { model, training, seed } = this.#settings;
    const specs = parameterSpecs(model);
    const size = specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const { outputs } = lossGraph(model, training, specs);
    return {
      session: await Session.compile(outputs, { device: this.#device }),
      inspector: await Inspector.create(model, {
        netOn: (graph) => new FlatNet(graph, graph.input('weights', [size])),
        device: this.#device,
      }),
      start: await overlapAtStart(model, seed, this.#inspected),
    };
  }

  async release(): Promise<void> {
    const compiled = await this.#compiled?.catch(() => undefined);
    await compiled?.session.release();
    await compiled?.inspector.release();
  }
}
