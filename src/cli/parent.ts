import { readFileSync } from 'node:fs';

/** Milliseconds between two checks. */
const INTERVAL = 500;

/** Process 1 adopts orphans, but in a container it may itself be the package manager or its shell. */
const RUNNERS = /\b(npm|npx|pnpm|yarn|bun|sh|bash|dash)\b/;

/**
 * Calls back when the process that started this one has ended. npm and npx end at a SIGTERM without
 * passing it on, and would leave this process running.
 * @param parent `process.ppid` at the start: it may have ended since
 * @returns stops checking
 */
export function whenOrphaned(parent: number, orphaned: () => void): () => void {
  const timer = setInterval(() => {
    if (process.ppid === parent && !isAdopted(parent)) return;
    clearInterval(timer);
    orphaned();
  }, INTERVAL).unref();
  return () => clearInterval(timer);
}

function isAdopted(parent: number): boolean {
  if (parent !== 1) return false;
  try {
    return !RUNNERS.test(readFileSync('/proc/1/cmdline', 'utf8'));
  } catch {
    return process.platform !== 'linux';
  }
}

/** Whether npm, npx or another package manager runs this process. */
export const runByPackageManager = (): boolean =>
  process.env.npm_command !== undefined || process.env.npm_lifecycle_event !== undefined;
