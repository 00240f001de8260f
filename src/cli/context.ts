import type { Progress } from './progress.ts';

/** What every command is given. */
export interface Context {
  /** The arguments as they were typed, without `node` and the program. */
  readonly argv: readonly string[];
  /** Set off by Ctrl-C, with an {@link Interrupt} as its reason. */
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** The user pressed Ctrl-C, or the system asked the process to end. */
export class Interrupt extends Error {
  override readonly name = 'Interrupt';
  readonly exitCode: number;

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super('interrupted');
    this.exitCode = signal === 'SIGINT' ? 130 : 143;
  }
}

/** Writes to stdout and waits until it is taken. @throws the stream's error, such as EPIPE. */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) =>
    process.stdout.write(text, (error) => (error ? reject(error) : resolve())),
  );
}
