import { UserError } from '../errors.ts';

/** A model whose weights are finite but whose activations overflow. */
export function notFinite(kind: string): UserError {
  return new UserError(
    `the model's ${kind} errors are not finite: its weights are damaged or were trained too fast; use another model, or train it again`,
  );
}
