/**
 * A mistake of the user's, told in one line: what is wrong, where, and what to do.
 * The command line prints the message alone and exits with code 2; anything else that is
 * thrown is a fault of ours and keeps its stack trace.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** A value that is none of its type's cases, thrown by the `default` of a switch over them. */
export class UnknownCase extends Error {
  override readonly name = 'UnknownCase';

  /** @param value what the type checker proved to be impossible; objects are named by their kind alone */
  constructor(value: never) {
    const { kind, name } = Object(value) as { kind?: unknown; name?: unknown };
    super(`unknown case: ${String(kind ?? name ?? value)}`);
  }
}
