import { z } from 'zod';
import { abortSignal, callback, positive } from '../options.ts';

/** Of `rehearse`. */
export const rehearseOptions = z.strictObject({
  alarmsPerDay: positive.optional(),
  drill: z.int().positive().optional(),
  seed: z.int().min(0).optional(),
  fps: positive.optional(),
  signal: abortSignal.optional(),
  onProgress: callback.optional(),
  onCorrupt: callback.optional(),
});
