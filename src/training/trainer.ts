import { option, UserError } from '../errors.ts';
import { parameterSpecs } from '../model/cost.ts';
import { initialise } from '../nn/parameters.ts';
import { freeArray } from '../runtime/carried.ts';
import { type Device, type Feed, Session, type Tensor } from '../runtime/session.ts';
import { Batches } from './batches.ts';
import type { Checkpoint, TrainingState } from './checkpoint.ts';
import type { HoldOut } from './hold-out.ts';
import type { TrainingLog } from './log.ts';
import { ErrorScales, reportedLoss } from './loss.ts';
import { LossCurve } from './loss-curve.ts';
import type { Footage } from './pace-examples.ts';
import { RunClock } from './run-clock.ts';
import type { RunSettings } from './run-settings.ts';
import { CARRY, STATE, scheduleInput, stepGraph } from './step-graph.ts';
import { Validator } from './validator.ts';

/** Seconds between checkpoints. */
const CHECKPOINT_SECONDS = 120;
/** Points of the loss curves, and validations in a run. */
const HISTORY_POINTS = 100;
const VALIDATIONS = 10;

/** Progress of a run after a step. */
export interface TrainingProgress {
  readonly step: number;
  /** Steps of the whole run; undefined where its length is in minutes. */
  readonly steps: number | undefined;
  /** 0 … 1 */
  readonly share: number;
  readonly secondsLeft: number;
  readonly samplesPerSecond: number;
  /** How long the last step waited for its samples. */
  readonly secondsWaiting: number;
  readonly losses: Readonly<Record<string, number>>;
  /** Norm of the gradient before it was clipped. */
  readonly gradientNorm: number;
  readonly validation: Readonly<Record<string, number>> | null;
}

export interface TrainerOptions {
  readonly settings: RunSettings;
  /** To learn from, and to validate on. */
  readonly footage: Readonly<Record<keyof HoldOut, Footage>>;
  readonly device: Device;
  readonly resumed: Checkpoint | undefined;
  /** Checked after each step; the run then saves and ends. */
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
      // Read ahead while the step runs.
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
          `training diverged at step ${clock.step + 1}: the loss is not a number; try another ${option('seed')}`,
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
        // The log must never lag behind the checkpoint that a resumed run starts from.
        await log?.sync();
        await save(await checkpoint());
        saved = performance.now();
      }
      if (signal?.aborted) throw new Interrupted('training was interrupted');
    }
    return await checkpoint();
  } finally {
    // The caller closes the clips, so a pending read must end first.
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
