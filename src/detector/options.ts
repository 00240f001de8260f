import { z } from 'zod';
import { abortSignal, positive } from '../options.ts';
import { pictureRegions } from './regions.ts';

/** Of `loadModel`. */
export const detectorOptions = z.strictObject({
  device: z.enum(['cpu', 'webgpu', 'cuda']).optional(),
  threads: z.int().min(1).max(1024).optional(),
  batch: z.int().min(1).max(1024).optional(),
});

/** Of `Model.score`. */
export const scoreOptions = z.strictObject({
  fps: positive.optional(),
  original: z.boolean().optional(),
  signal: abortSignal.optional(),
  regions: pictureRegions.optional(),
});

/** Of `Model.live`. */
export const liveOptions = z.strictObject({ room: z.int().min(1).max(10_000).optional() });

/** Of `LiveScoring.add`. */
export const liveCameraOptions = z.strictObject({ regions: pictureRegions.optional() });
