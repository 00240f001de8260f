/** Milliseconds between two looks. */
const look = 500;

/**
 * Calls back when the process that started this one is gone. npm and npx end at a SIGTERM without
 * passing it on, and would leave what they run behind.
 * @returns stops looking
 */
export function whenOrphaned(orphaned: () => void): () => void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    orphaned();
  }, look).unref();
  return () => clearInterval(timer);
}

/** Whether npm, npx or another package manager runs this process. */
export const runByPackageManager = (): boolean =>
  process.env.npm_command !== undefined || process.env.npm_lifecycle_event !== undefined;
