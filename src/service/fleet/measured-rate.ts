import { fork } from 'node:child_process';
import { extname } from 'node:path';

/** Frames a second by which a machine counts that could not be measured. */
const UNKNOWN = 10;

/** Measures how many frames a second this machine scores, in a process of its own; takes some seconds. */
export function measuredRate(): Promise<number> {
  return new Promise((resolve) => {
    const program = new URL(`./program${extname(import.meta.url)}`, import.meta.url);
    const child = fork(program, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    child.once('message', ({ framesPerSecond }: { framesPerSecond: number }) =>
      resolve(framesPerSecond),
    );
    child.once('error', () => resolve(UNKNOWN));
    child.once('exit', () => resolve(UNKNOWN));
  });
}
