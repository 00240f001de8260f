import { UserError } from '../errors.ts';

/** That a model computes no numbers, although its weights are some: they overflow on the way. */
export function notFinite(kind: string): UserError {
  return new UserError(
    `the model's ${kind} errors are not finite: its weights are damaged or were trained too fast; use another model, or train it again`,
  );
}
