import { z } from 'zod';
import { pictureRegions } from '../detector/regions.ts';
import { abortSignal, callback, positive } from '../options.ts';

/** Of `rehearse`. */
export const rehearseOptions = z.strictObject({
  alarmsPerDay: z.union([positive, z.array(positive).min(1).max(24)]).optional(),
  drill: z.int().positive().optional(),
  seed: z.int().min(0).optional(),
  grouping: positive.optional(),
  regions: pictureRegions.optional(),
  fps: positive.optional(),
  signal: abortSignal.optional(),
  onProgress: callback.optional(),
  onCorrupt: callback.optional(),
});
