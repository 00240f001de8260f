import { z } from 'zod';
import { abortSignal, callback, positive } from '../options.ts';

/** Of `openVideo`. */
export const openOptions = z.strictObject({
  fps: positive.optional(),
  original: z.boolean().optional(),
});

/** Of `openCamera`. */
export const cameraOptions = openOptions.extend({
  transport: z.enum(['tcp', 'udp']).optional(),
  patience: positive.optional(),
  signal: abortSignal.optional(),
  onLost: callback.optional(),
});
