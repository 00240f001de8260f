import { z } from 'zod';
import { modelConfiguration } from '../model/configuration.ts';
import { PRESETS } from '../model/presets.ts';
import { abortSignal, callback, path, paths, positive } from '../options.ts';
import { trainingConfiguration } from './configuration.ts';
import { trainingLength } from './run-settings.ts';

/** A schema of changes to a configuration: every entry optional, without defaults. */
function changes<Shape extends z.ZodRawShape>(whole: z.ZodObject<Shape>): z.ZodType {
  const entries = Object.entries(whole.shape).map(([key, schema]) => {
    const inner =
      schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault ? schema.unwrap() : schema;
    return [key, (inner as z.ZodType).optional()];
  });
  return z.strictObject(Object.fromEntries(entries));
}

const dataset = z.looseObject({
  name: z.string(),
  path: z.string(),
  training: z.array(z.unknown()),
});

/** Options of `train`. */
export const trainOptions = z.strictObject({
  data: z.union([path, paths, dataset], 'must be a path, several, or a data set that was read'),
  out: path,
  preset: z.enum(PRESETS).optional(),
  task: modelConfiguration.shape.task.optional(),
  input: changes(modelConfiguration.shape.input).optional(),
  model: changes(modelConfiguration).optional(),
  training: changes(trainingConfiguration).optional(),
  length: trainingLength.optional(),
  log: path.optional(),
  alarmsPerHour: positive.optional(),
  seed: z.int().min(0).optional(),
  fps: positive.optional(),
  device: z.enum(['cpu', 'webgpu', 'cuda']).optional(),
  resume: z.boolean().optional(),
  signal: abortSignal.optional(),
  onDecode: callback.optional(),
  onTraining: callback.optional(),
  onCalibration: callback.optional(),
  onCorrupt: callback.optional(),
});

/** Options of `quantise`. */
export const quantiseOptions = z.strictObject({
  fps: positive.optional(),
  signal: abortSignal.optional(),
  onDecode: callback.optional(),
  onMeasuring: callback.optional(),
  onCalibration: callback.optional(),
});

/** Options of `inspect`. */
export const inspectOptions = z.strictObject({
  frames: z.int().positive().optional(),
  pictures: z.boolean().optional(),
  fps: positive.optional(),
  device: z.enum(['cpu', 'webgpu', 'cuda']).optional(),
  signal: abortSignal.optional(),
  onDecode: callback.optional(),
  onInspecting: callback.optional(),
  onCorrupt: callback.optional(),
});
