import { z } from 'zod';
import { abortSignal, callback, path, positive } from '../options.ts';

/** Of `evaluate`. */
export const evaluateOptions = z.strictObject({
  report: path.optional(),
  fps: positive.optional(),
  signal: abortSignal.optional(),
  onDecode: callback.optional(),
  onScoring: callback.optional(),
  onCorrupt: callback.optional(),
});
