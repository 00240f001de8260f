import { setTimeout } from 'node:timers/promises';

/** Waits until a condition holds, which may take long on a busy machine. @throws after a minute */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited a minute until ${what}`);
    await setTimeout(5);
  }
}
