import { z } from 'zod';
import { modelConfiguration } from '../model/configuration.ts';
import { PRESETS } from '../model/presets.ts';
import { trainingConfiguration } from './configuration.ts';

/** Length of a run, in epochs or minutes. */
export const trainingLength = z.union(
  [
    z.strictObject({ epochs: z.number().positive() }),
    z.strictObject({ minutes: z.number().positive() }),
  ],
  'must be { epochs } or { minutes }, a number above 0',
);
export type TrainingLength = z.infer<typeof trainingLength>;

/** Everything that decides the resulting weights. */
export const runSettings = z.strictObject({
  preset: z.literal(PRESETS),
  model: modelConfiguration,
  training: trainingConfiguration,
  length: trainingLength,
  seed: z.int(),
  dataFingerprint: z.string(),
});
export type RunSettings = z.infer<typeof runSettings>;
