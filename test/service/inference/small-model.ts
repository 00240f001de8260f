import { Detector } from '../../../src/detector/detector.ts';
import { FORMAT, writeModel } from '../../../src/detector/model-file.ts';
import type { ModelConfiguration } from '../../../src/model/configuration.ts';
import { calibrateOn } from '../../../src/training/calibrate-detector.ts';
import { livelyWeights } from '../../detector/clip-errors.ts';
import { footage, gather, inOrder } from '../../detector/footage.ts';
import { WHOLE } from '../../model/small-models.ts';

/** Writes a model folder with weights as they start, calibrated on some invented footage. */
export async function writeSmallModel(
  folder: string,
  configuration: ModelConfiguration = WHOLE,
): Promise<void> {
  const weights = livelyWeights(configuration);
  const detector = await Detector.create(configuration, weights, { batch: 1 });
  const all = await gather(detector.errors(inOrder(footage(configuration, 40, 'normal'))));
  await detector.release();
  const errors = all.filter((frame) => frame !== undefined);
  const { scoring, statistics, threshold } = calibrateOn([{ errors, fps: 10 }], undefined);
  await writeModel(folder, {
    weights,
    description: {
      format: FORMAT,
      version: '0.0.0',
      preset: 'tiny',
      configuration,
      inputFormat: { resize: 'area', gray: 'BT.601', range: [-1, 1] },
      scoring,
      statistics,
      threshold,
      provenance: {
        data: 'invented',
        dataFingerprint: '',
        clips: 1,
        frames: 40,
        heldOutFrames: 40,
        corruptFrames: 0,
        seed: 0,
        device: 'cpu',
        steps: 0,
        seconds: 0,
        created: new Date(0).toISOString(),
      },
      training: { settings: {}, history: [] },
    },
  });
}
