import { setTimeout } from 'node:timers/promises';

/** Waits until a condition holds, which may take long on a busy machine. @throws after 100 seconds */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const end = performance.now() + 100_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited long until ${what}`);
    await setTimeout(5);
  }
}
