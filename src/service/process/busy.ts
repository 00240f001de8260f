import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';

/** Processes that want to run, by core, above which a machine is busy. */
const BUSY = 1.5;

/** That the machine has more to do than it can, in words; undefined where that is not so, or not known. */
export function busyWords(): string | undefined {
  const [load = 0] = loadavg();
  const cores = availableParallelism();
  if (load < BUSY * cores) return undefined;
  return `the machine is busy: ${Math.round(load)} processes want to run on ${cores} ${cores === 1 ? 'core' : 'cores'}`;
}

export interface ThreadTimes {
  /** A thread runs, waits for its turn, or for the disk. */
  readonly runnable: boolean;
  /** Milliseconds of processor time of the main thread, so far. */
  readonly ownMs: number;
}

/** Milliseconds of a tick in `/proc`. */
const TICK = 10;

/** How a process stands with the scheduler; undefined where the system does not say (it does on Linux). */
export function threadTimes(pid: number): ThreadTimes | undefined {
  try {
    const tasks = `/proc/${pid}/task`;
    const stats = readdirSync(tasks).map((thread) => {
      const text = readFileSync(`${tasks}/${thread}/stat`, 'latin1');
      // The name before it may hold anything.
      const [state, ...numbers] = text.slice(text.lastIndexOf(')') + 2).split(' ');
      return { thread, state, ms: TICK * (Number(numbers[10]) + Number(numbers[11])) };
    });
    const main = stats.find(({ thread }) => thread === String(pid));
    if (!main) return undefined;
    const runnable = stats.some(({ state }) => state === 'R' || state === 'D');
    return { runnable, ownMs: main.ms };
  } catch {
    return undefined;
  }
}
