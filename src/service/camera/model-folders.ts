import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** The folder of a camera's next model: they are numbered, and a learning that failed keeps its number. */
export async function nextModelFolder(models: string): Promise<string> {
  const taken = await readdir(models).catch(() => []);
  const last = Math.max(0, ...taken.map(Number).filter(Number.isInteger));
  return join(models, String(last + 1));
}

/** Removes all models of a camera but the one in use, which may also lie elsewhere. */
export async function dropOtherModels(models: string, used: string): Promise<void> {
  for (const name of await readdir(models).catch(() => []))
    if (join(models, name) !== resolve(used))
      await rm(join(models, name), { recursive: true, force: true });
}
