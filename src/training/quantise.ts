import { openClips } from '../datasets/cache.ts';
import type { Clip } from '../datasets/clip.ts';
import { fingerprint } from '../datasets/content.ts';
import { readDatasets } from '../datasets/several.ts';
import { activationRanges } from '../detector/activation-ranges.ts';
import { Detector } from '../detector/detector.ts';
import { readModel, type TrainedModel, writeModel } from '../detector/model-file.ts';
import { UserError } from '../errors.ts';
import { buildFolder } from '../files/folder.ts';
import { clipLength } from '../model/configuration.ts';
import { checkOptions, untilAborted } from '../options.ts';
import { version } from '../version.ts';
import { type CalibrationOptions, calibrateDetector } from './calibrate-detector.ts';
import { trainingConfiguration } from './configuration.ts';
import { holdOut, type Segment } from './hold-out.ts';
import { quantiseOptions } from './options.ts';
import { readBatch, samplesOf } from './samples.ts';
import { spread } from './spread.ts';

/** Most clips of held-out footage that ranges are measured on. */
const MEASURED_CLIPS = 400;

export interface QuantiseOptions extends Pick<CalibrationOptions, 'onCalibration'> {
  /** Frame rate of footage that has none. */
  readonly fps?: number | undefined;
  /** Aborts with the signal's reason; nothing half-written is left. */
  readonly signal?: AbortSignal | undefined;
  readonly onDecode?: ((done: number, total: number, what: string) => void) | undefined;
  readonly onMeasuring?: ((done: number, total: number) => void) | undefined;
}

/**
 * Quantises a model to int8. The ranges of its convolutions, its statistics and its threshold are taken
 * from the footage that was held out when it was trained.
 * @param folder of the model
 * @param data footage that the model was trained on, in the same order if there are several
 * @param out model folder to create, whole or not at all
 * @throws UserError when there is no such model or it is in int8 already, the data is not what it
 *   learned from, `out` holds something, or the disk is full.
 */
export async function quantise(
  folder: string,
  data: string | readonly string[],
  out: string,
  options: QuantiseOptions = {},
): Promise<TrainedModel> {
  checkOptions(quantiseOptions, options, 'quantise');
  const { signal } = options;
  signal?.throwIfAborted();
  const model = await readModel(folder);
  if (model.description.quantisation) throw new UserError(`${folder}: is in int8 already`);
  const { path, training } = await readDatasets(data);
  let quantised: TrainedModel;
  await buildFolder(out, async (building) => {
    const clips = await openClips(training, model.description.configuration.input, {
      fps: options.fps,
      onProgress: untilAborted(signal, options.onDecode),
    });
    try {
      if (fingerprint(clips) !== model.description.provenance.dataFingerprint)
        throw new UserError(`${path}: is not the footage that ${folder} learned from`);
      quantised = await onHeldOut(model, clips, {
        onMeasuring: untilAborted(signal, options.onMeasuring),
        onCalibration: untilAborted(signal, options.onCalibration),
      });
    } finally {
      await Promise.all(clips.map((clip) => clip.close()));
    }
    await writeModel(building, quantised);
  });
  return quantised!;
}

async function onHeldOut(
  { description, weights }: TrainedModel,
  clips: readonly Clip[],
  { onMeasuring, onCalibration }: QuantiseOptions,
): Promise<TrainedModel> {
  const { configuration, threshold } = description;
  const { heldOut: share } = description.training.settings;
  const { heldOut } = holdOut(
    clips,
    trainingConfiguration.parse({ heldOut: share }).heldOut,
    clipLength(configuration),
  );
  const ranges = await activationRanges(
    configuration,
    weights,
    measuredClips(clips, heldOut, configuration, onMeasuring),
  );
  const detector = await Detector.create(configuration, weights, {}, ranges);
  const calibration = await calibrateDetector(detector, clips, heldOut, {
    alarmsPerHour: threshold.budgetPerHour,
    onCalibration,
  }).finally(() => detector.release());
  const quantisation = { ranges: Object.fromEntries(ranges) };
  return { description: { ...description, version, ...calibration, quantisation }, weights };
}

/** Clips spread evenly over the held-out footage, bytes `[offsets, C, H, W]` each. */
async function* measuredClips(
  clips: readonly Clip[],
  heldOut: readonly Segment[],
  configuration: TrainedModel['description']['configuration'],
  onMeasuring: QuantiseOptions['onMeasuring'],
): AsyncGenerator<Uint8Array> {
  const samples = spread(samplesOf(clips, heldOut, configuration), MEASURED_CLIPS);
  for (const [done, sample] of samples.entries()) {
    const { data } = await readBatch([sample], configuration);
    yield data as Uint8Array;
    onMeasuring?.(done + 1, samples.length);
  }
}
