import { z } from 'zod';
import { positive } from '../options.ts';

/** Of `openVideo`. */
export const openOptions = z.strictObject({
  fps: positive.optional(),
  original: z.boolean().optional(),
});
