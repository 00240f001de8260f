import { z } from 'zod';
import { UserError } from './errors.ts';

/** Wraps a progress callback so that it throws the signal's reason once that is aborted. */
export function untilAborted<Values extends readonly unknown[]>(
  signal: AbortSignal | undefined,
  listener: ((...values: Values) => void) | undefined,
): (...values: Values) => void {
  return (...values) => {
    signal?.throwIfAborted();
    listener?.(...values);
  };
}

/** Parts that the schemas of several calls' options are made of. */
export const positive = z.number().positive();

// biome-ignore lint/suspicious/noExplicitAny: a callback of any signature
export const callback = z.custom<(...values: any[]) => void>(
  (value) => typeof value === 'function',
  'must be a function',
);

export const abortSignal = z.custom<AbortSignal>(
  (value) => value instanceof AbortSignal,
  'must be an AbortSignal',
);

export const path = z.string().min(1, 'must be a path');

export const paths = z.array(path).min(1, 'must be at least one path');

/**
 * Checks the options of a call before anything else is done.
 * @param call name of the function, for the message
 * @throws UserError that names the first option that is wrong
 */
export function checkOptions(schema: z.ZodType, options: unknown, call: string): void {
  const { error } = schema.safeParse(options);
  if (!error) return;
  const [issue] = error.issues;
  const where = issue!.path.join('.');
  if (issue!.code === 'unrecognized_keys') {
    const unknown = issue!.keys.map((key) => (where ? `${where}.${key}` : key)).join(', ');
    throw new UserError(`${call}: unknown option ${unknown}`);
  }
  throw new UserError(`${call}: ${where ? `option ${where}` : 'options'}: ${issue!.message}`);
}
