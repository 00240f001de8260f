/**
 * A mistake of the user's, told in one line: what is wrong, where, and what to do.
 * The command line prints the message alone and exits with code 2; anything else that is
 * thrown is a fault of ours and keeps its stack trace.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}
