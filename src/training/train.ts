import { mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openClips } from '../datasets/cache.ts';
import type { Clip } from '../datasets/clip.ts';
import { fingerprint } from '../datasets/content.ts';
import type { Dataset } from '../datasets/layout.ts';
import { readDatasets } from '../datasets/several.ts';
import { Detector } from '../detector/detector.ts';
import {
  DESCRIPTION_FILE,
  FORMAT,
  type HistoryPoint,
  type ModelDescription,
  type TrainedModel,
  writeModel,
} from '../detector/model-file.ts';
import { option, UserError } from '../errors.ts';
import { diskError } from '../files/atomic.ts';
import { sizeOf } from '../graph/index.ts';
import { rounded } from '../inspection/inspection.ts';
import { scoreFigures } from '../inspection/score-figures.ts';
import {
  clipLength,
  type ModelConfiguration,
  modelConfiguration,
  type Task,
} from '../model/configuration.ts';
import { parameterSpecs } from '../model/cost.ts';
import { type Preset, presetConfiguration } from '../model/presets.ts';
import type { Weights } from '../nn/parameters.ts';
import { checkOptions, untilAborted } from '../options.ts';
import type { Device } from '../runtime/session.ts';
import type { ErrorKind } from '../scoring/blocks.ts';
import { mapRarities } from '../scoring/score.ts';
import type { HeldOutErrors } from '../scoring/statistics.ts';
import { version } from '../version.ts';
import {
  type CalibrationOptions,
  calibrateOn,
  type DescribedCalibration,
  heldOutErrors,
} from './calibrate-detector.ts';
import {
  CHECKPOINT_FILE,
  type Checkpoint,
  hasCheckpoint,
  readCheckpoint,
  writeCheckpoint,
} from './checkpoint.ts';
import {
  PRESET_BATCH,
  type TrainingConfiguration,
  trainingConfiguration,
} from './configuration.ts';
import { type HoldOut, holdOut, type Segment } from './hold-out.ts';
import { TrainingLog } from './log.ts';
import { trainOptions } from './options.ts';
import { canTrainPace, openFootage } from './pace-examples.ts';
import type { RunSettings, TrainingLength } from './run-settings.ts';
import { runTraining, type TrainingProgress } from './trainer.ts';

export interface TrainOptions extends CalibrationOptions {
  /** Normal footage: a data set folder, a video, a folder of videos or frames, several of these, or a data set already read. */
  readonly data: string | readonly string[] | Pick<Dataset, 'name' | 'path' | 'training'>;
  /** Model folder to create. */
  readonly out: string;
  /** Default `small`. */
  readonly preset?: Preset | undefined;
  /** Default `reconstruct`. */
  readonly task?: Task | undefined;
  /** Input size and channels, where they differ from the preset. */
  readonly input?: Partial<ModelConfiguration['input']> | undefined;
  /** Changes to the model beyond its preset, for ablations. */
  readonly model?: Partial<ModelConfiguration> | undefined;
  readonly training?: Partial<TrainingConfiguration> | undefined;
  /** Default 20 epochs. */
  readonly length?: TrainingLength | undefined;
  /** File for one JSON line a step or validation, see {@link TrainingLog}; a resumed run appends. */
  readonly log?: string | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
  /** Frame rate of footage that has none. */
  readonly fps?: number | undefined;
  readonly device?: Device | undefined;
  /** Continue the unfinished training in `out`. */
  readonly resume?: boolean | undefined;
  /**
   * Stops the run. During training it saves after the current step and throws `Interrupted`; before and
   * after that it throws the signal's reason.
   */
  readonly signal?: AbortSignal | undefined;
  readonly onDecode?: ((done: number, total: number, what: string) => void) | undefined;
  readonly onTraining?: ((progress: TrainingProgress) => void) | undefined;
  /** Called for each clip with frames that could not be decoded. */
  readonly onCorrupt?: ((clip: Clip) => void) | undefined;
}

const isPaths = (data: TrainOptions['data']): data is readonly string[] => Array.isArray(data);

const DEFAULT_LENGTH: TrainingLength = { epochs: 20 };

/**
 * Learns what is normal in some footage, and writes the model folder.
 * @throws UserError on bad data, settings or disk; `Interrupted` when its signal stops it.
 */
export async function train(options: TrainOptions): Promise<TrainedModel> {
  checkOptions(trainOptions, options, 'train');
  options.signal?.throwIfAborted();
  const { data, out, seed = 0, device = 'cpu' } = options;
  const resumed = options.resume ? await readCheckpoint(out) : undefined;
  if (!resumed) await requireFree(out);
  if (!resumed && options.log !== undefined) await TrainingLog.requireNew(options.log);
  const wanted = resumed?.settings.model ?? configurationOf(options);
  const dataset = typeof data === 'string' || isPaths(data) ? await readDatasets(data) : data;
  if (dataset.training.length === 0)
    throw new UserError(`${dataset.path}: has no training clips; there must be a training/ folder`);
  const clips = await openClips(dataset.training, wanted.input, {
    fps: options.fps,
    onProgress: untilAborted(options.signal, options.onDecode),
  });
  try {
    for (const clip of clips) if (clip.corrupt.length > 0) options.onCorrupt?.(clip);
    const preset = options.preset ?? resumed?.settings.preset ?? 'small';
    const training =
      resumed && !options.training
        ? resumed.settings.training
        : trainingConfiguration.parse({ batch: PRESET_BATCH[preset], ...options.training });
    const segments = holdOut(clips, training.heldOut, clipLength(wanted));
    const model = {
      ...wanted,
      // An untrained pace head would add noise.
      pace: wanted.pace && canTrainPace(clips, segments, wanted, training),
    };
    const settings: RunSettings = {
      preset,
      model,
      training,
      length: options.length ?? resumed?.settings.length ?? DEFAULT_LENGTH,
      seed: options.seed ?? resumed?.settings.seed ?? seed,
      dataFingerprint: fingerprint(clips),
    };
    if (resumed) requireSame(out, resumed.settings, settings, options.task);
    const footage = await openFootage(clips, segments, model);
    const made = await makeFolder(out);
    let log: TrainingLog | undefined;
    try {
      log =
        options.log === undefined
          ? undefined
          : await TrainingLog.open(options.log, resumed?.step ?? 0);
      const last = await runTraining({
        settings,
        footage,
        device,
        resumed,
        signal: options.signal,
        save: (checkpoint) => writeCheckpoint(out, checkpoint),
        log,
        onProgress: options.onTraining,
      });
      const weights = unflatten(model, last.state.averaged);
      const detector = await Detector.create(model, weights, { device });
      const onCalibration = untilAborted(options.signal, options.onCalibration);
      const stretches = await heldOutErrors(
        detector,
        clips,
        segments.heldOut,
        onCalibration,
      ).finally(() => detector.release());
      const calibration = calibrateOn(stretches, options.alarmsPerHour);
      const ended = { ...last, history: withScore(last.history, stretches, calibration) };
      const description = describe(dataset.name, ended, calibration, clips, segments, device);
      const trained = { description, weights };
      await writeModel(out, trained);
      await rm(join(out, CHECKPOINT_FILE), { force: true });
      return trained;
    } catch (error) {
      // Removes the folder only if nothing was saved.
      if (made) await rmdir(out).catch(() => undefined);
      throw error;
    } finally {
      await log?.close();
    }
  } finally {
    await Promise.all(clips.map((clip) => clip.close()));
  }
}

function configurationOf({ preset = 'small', task, input, model }: TrainOptions) {
  const wanted = { ...presetConfiguration(preset, task, input), ...model };
  const parsed = modelConfiguration.safeParse(wanted);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new UserError(`the model's configuration is wrong at ${path.join('.')}: ${message}`);
}

async function requireFree(out: string): Promise<void> {
  const kind = await stat(out).catch(() => undefined);
  if (!kind) return;
  if (!kind.isDirectory())
    throw new UserError(`${out}: is a file; choose another ${option('out')}`);
  const entries = await readdir(out);
  if (await hasCheckpoint(out))
    throw new UserError(
      `${out}: holds an unfinished training; add ${option('resume')} to go on with it, or choose another ${option('out')}`,
    );
  if (entries.length > 0) {
    const what = entries.includes(DESCRIPTION_FILE) ? 'a model' : 'something else';
    throw new UserError(
      `${out}: the folder holds ${what} already; choose another ${option('out')}`,
    );
  }
}

async function makeFolder(out: string): Promise<boolean> {
  try {
    return (await mkdir(out, { recursive: true })) !== undefined;
  } catch (error) {
    throw diskError(error, out);
  }
}

function requireSame(
  out: string,
  before: RunSettings,
  now: RunSettings,
  task: Task | undefined,
): void {
  const differing = (Object.keys(before) as (keyof RunSettings)[]).filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(now[key]),
  );
  if (task && task !== before.model.task) differing.push('model');
  const what = differing[0];
  if (!what) return;
  const named = what === 'dataFingerprint' ? 'the data' : `the setting '${what}'`;
  throw new UserError(
    `${out}: ${named} differs from the training that is to be resumed; give the same, or start again in another ${option('out')}`,
  );
}

/** Splits the flat weights of training by name. */
function unflatten(model: ModelConfiguration, flat: Float32Array): Weights {
  let offset = 0;
  return new Map(
    parameterSpecs(model).map(({ name, shape }) => {
      const data = flat.slice(offset, offset + sizeOf(shape));
      offset += data.length;
      return [name, { shape, data }];
    }),
  );
}

/** Adds the score figures to the last inspection; they need the statistics. */
function withScore(
  history: readonly HistoryPoint[],
  stretches: readonly HeldOutErrors[],
  { statistics, scoring }: DescribedCalibration,
): HistoryPoint[] {
  const frames = stretches.flatMap(({ errors }) =>
    errors.map((maps) => mapRarities(maps, statistics)),
  );
  const kinds = Object.keys(frames[0] ?? {}) as ErrorKind[];
  const series = kinds.map((kind) => [kind, frames.map((rarities) => rarities[kind]!)] as const);
  const score = scoreFigures(Object.fromEntries(series), scoring.combination);
  const looked = history.findLastIndex(({ inner }) => inner !== undefined);
  return history.map((point, i) =>
    i === looked ? { ...point, inner: rounded({ ...point.inner!, score }) } : point,
  );
}

function describe(
  data: string,
  last: Checkpoint,
  calibration: Pick<ModelDescription, 'scoring' | 'statistics' | 'threshold'>,
  clips: readonly Clip[],
  segments: HoldOut,
  device: Device,
): ModelDescription {
  const { settings } = last;
  const frames = (list: readonly Segment[]) =>
    list.reduce((n, { start, end }) => n + end - start, 0);
  return {
    format: FORMAT,
    version,
    preset: settings.preset,
    configuration: settings.model,
    inputFormat: { resize: 'area', gray: 'BT.601', range: [-1, 1] },
    ...calibration,
    provenance: {
      data,
      dataFingerprint: settings.dataFingerprint,
      clips: clips.length,
      frames: frames(segments.training),
      heldOutFrames: frames(segments.heldOut),
      corruptFrames: clips.reduce((sum, { corrupt }) => sum + corrupt.length, 0),
      seed: settings.seed,
      device,
      steps: last.step,
      seconds: Math.round(last.seconds),
      created: new Date().toISOString(),
    },
    training: {
      settings: { ...settings.training, length: settings.length },
      history: [...last.history],
    },
  };
}
