import type { HistoryPoint } from '../detector/model-file.ts';
import { option, UserError } from '../errors.ts';
import { sizeOf } from '../graph/index.ts';
import { type ClipReader, Inspector, overlapAtStart } from '../inspection/inspect.ts';
import { type Inspection, rounded } from '../inspection/inspection.ts';
import { parameterSpecs } from '../model/cost.ts';
import { FlatNet, initialise } from '../nn/parameters.ts';
import { freeArray } from '../runtime/carried.ts';
import { type Device, type Feed, Session, type Tensor } from '../runtime/session.ts';
import { Batches } from './batches.ts';
import type { Checkpoint, RunSettings, TrainingState } from './checkpoint.ts';
import { inspectedClips } from './held-out-clips.ts';
import type { HoldOut } from './hold-out.ts';
import type { Footage } from './lessons.ts';
import type { TrainingLog } from './log.ts';
import { ErrorScales, reportedLoss } from './loss.ts';
import { spread } from './spread.ts';
import { CARRY, decodedClips, lossGraph, STATE, scheduleInput, stepGraph } from './step-graph.ts';

/** Seconds between checkpoints. */
const CHECKPOINT_SECONDS = 120;
/** Points of the loss curves, and how often the held-out footage is measured along the way. */
const HISTORY_POINTS = 100;
const VALIDATIONS = 10;
/** Held-out samples in one validation. */
const VALIDATION_SAMPLES = 64;
/** Held-out samples that the model is looked into on, and of them those that parts are replaced on. */
const INSPECTED_SAMPLES = 16;
const ABLATED_SAMPLES = 4;

/** What a run tells while it goes on. */
export interface TrainingProgress {
  readonly step: number;
  /** All steps; undefined where minutes decide. */
  readonly steps: number | undefined;
  /** 0 … 1 */
  readonly share: number;
  readonly secondsLeft: number;
  readonly samplesPerSecond: number;
  /** Of the step just done: how long it waited for its samples. */
  readonly secondsWaiting: number;
  readonly losses: Readonly<Record<string, number>>;
  /** Norm of the gradient before it was clipped. */
  readonly gradientNorm: number;
  readonly validation: Readonly<Record<string, number>> | null;
}

export interface TrainerOptions {
  readonly settings: RunSettings;
  /** What is learned, and what the loss is measured on along the way. */
  readonly footage: Readonly<Record<keyof HoldOut, Footage>>;
  readonly device: Device;
  readonly resumed: Checkpoint | undefined;
  /** Asked after each step; the run then saves and ends. */
  readonly signal: AbortSignal | undefined;
  readonly save: (checkpoint: Checkpoint) => Promise<void>;
  readonly log?: TrainingLog | undefined;
  readonly onProgress: ((progress: TrainingProgress) => void) | undefined;
}

/** The run was stopped by its signal; its checkpoint is saved. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Trains until the run's length is reached. The same settings give the same weights, bit for bit. */
export async function runTraining(options: TrainerOptions): Promise<Checkpoint> {
  const { settings, footage, device, resumed, signal, save, log, onProgress } = options;
  const { model, training, seed } = settings;
  const specs = parameterSpecs(model);
  const step = stepGraph(model, training, specs);
  const forStep = { device, planMemory: false, moveTransposes: false, carry: CARRY };
  const session = await Session.compile(step.outputs, forStep);
  const validator = new Validator(settings, footage.heldOut, device);
  let next: Promise<Record<string, Feed>> | undefined;
  try {
    const batches = new Batches(settings, footage.training, seed);
    await begin(session, resumed?.state ?? freshState(initialise(specs, seed)));
    const scales = new ErrorScales(model.decoders.branches.length, resumed?.errorScales);
    const curve = new LossCurve(resumed?.history ?? []);
    const clock = new RunClock(settings, batches.stepsPerEpoch, resumed);
    const checkpoint = async (): Promise<Checkpoint> => {
      const state = STATE.map(async (name) => [name, await session.carried(name)] as const);
      return {
        settings,
        step: clock.step,
        seconds: clock.seconds(),
        errorScales: scales.state,
        history: curve.points,
        state: Object.fromEntries(await Promise.all(state)) as TrainingState,
      };
    };
    let saved = performance.now();
    next = batches.read(clock.step);
    while (!clock.done()) {
      const asked = performance.now();
      const feeds = await next;
      const secondsWaiting = (performance.now() - asked) / 1000;
      // Read from the disk while the step runs.
      next = batches.read(clock.step + 1);
      const share = clock.share();
      const schedule = scheduleInput(training, clock.step + 1, share);
      const results = await session.run({
        ...feeds,
        schedule: { shape: [schedule.length], data: schedule },
        errorScales: { shape: [scales.values.length], data: scales.values },
      });
      const losses = readLosses(results, step.terms, settings);
      if (!Number.isFinite(losses.loss))
        throw new UserError(
          `training diverged at step ${clock.step + 1}: the loss is no number; try another ${option('seed')}`,
        );
      scales.add(model.decoders.branches.map((branch) => losses[branch]!));
      freeArray(feeds.frames!.data);
      clock.advance();
      curve.add(losses);
      const ended = clock.done();
      const passed = (parts: number) => clock.passed(share, parts) || ended;
      const gradientNorm = results.gradientNorm!.data[0]!;
      const at = { step: clock.step, seconds: clock.seconds() };
      await log?.add({ ...at, learningRate: schedule[0]!, gradientNorm, losses });
      const looked = passed(VALIDATIONS)
        ? await validator.measure(await session.carried('averaged'))
        : null;
      if (looked) await log?.add({ ...at, ...looked });
      if (looked || passed(HISTORY_POINTS))
        curve.close(clock.step, clock.step * training.batch, clock.seconds(), looked);
      const validation = looked?.validation ?? null;
      const done = { secondsWaiting, losses, gradientNorm, validation };
      onProgress?.({ ...clock.report(training.batch), ...done });
      const due = performance.now() - saved > CHECKPOINT_SECONDS * 1000;
      if (due || ended || signal?.aborted || clock.step % batches.stepsPerEpoch === 0) {
        // First what a resumed run goes on from, then its checkpoint.
        await log?.sync();
        await save(await checkpoint());
        saved = performance.now();
      }
      if (signal?.aborted) throw new Interrupted('training was interrupted');
    }
    return await checkpoint();
  } finally {
    // What was read ahead is not needed; the clips may only be closed after it.
    await next?.catch(() => undefined);
    await session.release();
    await validator.release();
  }
}

async function begin(session: Session, state: TrainingState): Promise<void> {
  for (const name of STATE)
    await session.carry(name, { shape: [state[name].length], data: state[name] });
}

function freshState(weights: Float32Array): TrainingState {
  const zeros = () => new Float32Array(weights.length);
  return { weights, firstMoment: zeros(), secondMoment: zeros(), averaged: weights };
}

function readLosses(
  results: Readonly<Record<string, Tensor>>,
  terms: readonly string[],
  { model, training }: RunSettings,
): { loss: number } & Record<string, number> {
  const read = Object.fromEntries(terms.map((name) => [name, results[name]!.data[0]!]));
  return { loss: reportedLoss(model, read, training.losses), ...read };
}

/** How far a run is, by its steps or by the time it took. */
class RunClock {
  step: number;
  readonly #settings: RunSettings;
  readonly #steps: number | undefined;
  readonly #before: number;
  readonly #firstStep: number;
  readonly #started = performance.now();

  constructor(settings: RunSettings, stepsPerEpoch: number, resumed: Checkpoint | undefined) {
    this.#settings = settings;
    this.step = resumed?.step ?? 0;
    this.#firstStep = this.step;
    this.#before = resumed?.seconds ?? 0;
    const { length } = settings;
    this.#steps =
      'epochs' in length ? Math.max(1, Math.round(length.epochs * stepsPerEpoch)) : undefined;
  }

  advance(): void {
    this.step += 1;
  }

  seconds(): number {
    return this.#before + (performance.now() - this.#started) / 1000;
  }

  /** 0 at the start, 1 when the run is over. */
  share(): number {
    const { length } = this.#settings;
    if ('minutes' in length) return Math.min(1, this.seconds() / (60 * length.minutes));
    return Math.min(1, this.step / this.#steps!);
  }

  done(): boolean {
    return this.share() >= 1;
  }

  /** Whether a border between `parts` equal parts lies between `before` and now. */
  passed(before: number, parts: number): boolean {
    return Math.floor(before * parts) < Math.floor(this.share() * parts);
  }

  report(batch: number) {
    const share = this.share();
    const steps = this.step - this.#firstStep;
    const seconds = (performance.now() - this.#started) / 1000;
    const { length } = this.#settings;
    const secondsLeft =
      'minutes' in length
        ? Math.max(0, 60 * length.minutes - this.seconds())
        : ((this.#steps! - this.step) * seconds) / steps;
    return {
      step: this.step,
      steps: this.#steps,
      share,
      secondsLeft,
      samplesPerSecond: (steps * batch) / seconds,
    };
  }
}

/** The loss curves: each point is the mean since the point before. */
class LossCurve {
  readonly points: HistoryPoint[];
  #sums: Record<string, number> = {};
  #count = 0;

  constructor(points: readonly HistoryPoint[]) {
    this.points = [...points];
  }

  add(losses: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(losses))
      this.#sums[name] = (this.#sums[name] ?? 0) + value;
    this.#count += 1;
  }

  close(step: number, samples: number, seconds: number, looked: HeldOutFigures | null): void {
    const training = Object.fromEntries(
      Object.entries(this.#sums).map(([name, sum]) => [name, sum / this.#count]),
    );
    const validation = looked?.validation ?? null;
    const inner = looked ? { inner: looked.inner } : {};
    this.points.push({ step, samples, seconds, training, validation, ...inner });
    this.#sums = {};
    this.#count = 0;
  }
}

/** What is measured on held-out footage along the way. */
interface HeldOutFigures {
  readonly validation: Record<string, number>;
  readonly inner: Inspection;
}

/** Measures the loss, and what is inside the model, on held-out footage: the same samples every time. */
class Validator {
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
