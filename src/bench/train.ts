import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openClips } from '../datasets/cache.ts';
import type { Clip } from '../datasets/clip.ts';
import { clipLength } from '../model/configuration.ts';
import { parameterSpecs } from '../model/cost.ts';
import { type Preset, presetConfiguration } from '../model/presets.ts';
import type { Device } from '../runtime/session.ts';
import type { Checkpoint } from '../training/checkpoint.ts';
import { trainingConfiguration } from '../training/configuration.ts';
import { type HoldOut, holdOut } from '../training/hold-out.ts';
import { type Footage, openFootage } from '../training/pace-examples.ts';
import type { RunSettings } from '../training/run-settings.ts';
import { stepGraph } from '../training/step-graph.ts';
import { Interrupted, runTraining } from '../training/trainer.ts';
import { writeFootage } from './footage.ts';
import { type Machine, thisMachine } from './machine.ts';
import { matmulRate } from './matmul-rate.ts';
import { median } from './quantile.ts';

export interface TrainBench {
  readonly preset: Preset;
  readonly samplesPerSecond: number;
  /** Counted over forward, backward and optimiser graphs. */
  readonly flopsPerSecond: number;
  /** Of a 1024^3 matmul in the same run. */
  readonly matmulFlopsPerSecond: number;
  readonly ratio: number;
  /** Share of the step time that is spent waiting for data. */
  readonly dataWaitShare: number;
  readonly peakMemoryBytes: number;
  readonly machine: Machine;
}

export interface BenchOptions {
  readonly preset: Preset;
  readonly device?: Device | undefined;
  /** Gives up after the step under way, with its reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number, what: string) => void) | undefined;
}

/** Steps that are measured, unless told. */
const measuredSteps: Readonly<Record<Preset, number>> = { tiny: 20, small: 12, base: 4 };

/** Enough epochs that no validation falls into the steps that are measured. */
const manyEpochs = 1e6;

interface StepTime {
  readonly seconds: number;
  readonly waiting: number;
}

/**
 * Measures the training loop itself on generated footage that is read as any other. It runs in two
 * halves, and the yardstick is taken before, between and after: a busy machine shows in both.
 */
export async function benchTrain(
  options: BenchOptions & { readonly steps?: number | undefined },
): Promise<TrainBench> {
  const { preset, device = 'cpu', signal, onProgress } = options;
  const wanted = Math.max(2, options.steps ?? measuredSteps[preset]);
  const model = presetConfiguration(preset);
  const training = trainingConfiguration.parse({});
  const folder = await mkdtemp(join(tmpdir(), 'm2s2l-bench-'));
  let clips: Clip[] = [];
  try {
    const path = join(folder, 'footage.mp4');
    await writeFootage(path, { ...model.input, fps: 10 }, 20 * clipLength(model));
    clips = await openClips([{ name: 'footage', path }], model.input, { cacheDir: folder });
    const settings: RunSettings = {
      preset,
      model,
      training,
      length: { epochs: manyEpochs },
      seed: 0,
      dataFingerprint: '',
    };
    const segments = holdOut(clips, training.heldOut, clipLength(model));
    const footage = await openFootage(clips, segments, model);
    const times: StepTime[] = [];
    const half = async (count: number, resumed?: Checkpoint) => {
      const measured = await runSteps(settings, footage, device, count, resumed, () => {
        onProgress?.(Math.min(times.length, wanted), wanted, 'training');
        signal?.throwIfAborted();
      });
      times.push(...measured.times);
      return measured.checkpoint;
    };
    const rates = [await matmulRate(device)];
    const checkpoint = await half(Math.ceil(wanted / 2));
    rates.push(await matmulRate(device));
    await half(Math.floor(wanted / 2), checkpoint);
    rates.push(await matmulRate(device));

    const stepSeconds = median(times.map(({ seconds }) => seconds));
    const sum = (of: (time: StepTime) => number) => times.reduce((s, time) => s + of(time), 0);
    const flops = stepGraph(model, training, parameterSpecs(model)).flops;
    const matmulFlopsPerSecond = median(rates);
    return {
      preset,
      samplesPerSecond: training.batch / stepSeconds,
      flopsPerSecond: flops / stepSeconds,
      matmulFlopsPerSecond,
      ratio: flops / stepSeconds / matmulFlopsPerSecond,
      dataWaitShare: sum(({ waiting }) => waiting) / sum(({ seconds }) => seconds),
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      machine: await thisMachine(),
    };
  } finally {
    await Promise.all(clips.map((clip) => clip.close()));
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs the training loop for `count` steps after one that is not measured. */
async function runSteps(
  settings: RunSettings,
  footage: Readonly<Record<keyof HoldOut, Footage>>,
  device: Device,
  count: number,
  resumed: Checkpoint | undefined,
  onStep: () => void,
): Promise<{ times: StepTime[]; checkpoint: Checkpoint }> {
  const stop = new AbortController();
  const times: StepTime[] = [];
  let last: number | undefined;
  let checkpoint: Checkpoint | undefined;
  try {
    await runTraining({
      settings,
      footage,
      device,
      resumed,
      signal: stop.signal,
      save: async (state) => {
        checkpoint = state;
      },
      onProgress({ secondsWaiting }) {
        const now = performance.now();
        if (last !== undefined)
          times.push({ seconds: (now - last) / 1000, waiting: secondsWaiting });
        last = now;
        if (times.length === count) stop.abort();
        onStep();
      },
    });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  }
  return { times, checkpoint: checkpoint! };
}
