import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { diskError } from './atomic.ts';

/**
 * Makes a folder whole or not at all: `build` fills another one beside it, which is renamed at the
 * end and removed on any fault.
 * @throws UserError when `out` exists and is not an empty folder, the disk is full, or the place may
 *   not be written
 */
export async function buildFolder(
  out: string,
  build: (folder: string) => Promise<void>,
): Promise<void> {
  await requireFree(out);
  const folder = `${resolve(out)}.${randomBytes(4).toString('hex')}.tmp`;
  await mkdir(dirname(folder), { recursive: true }).catch((error) => {
    throw diskError(error, out);
  });
  try {
    await mkdir(folder);
    await build(folder);
    // Not every platform renames onto an empty folder.
    await rmdir(out).catch(() => undefined);
    await rename(folder, out);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw diskError(error, out);
  }
}

async function requireFree(out: string): Promise<void> {
  const names = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code === 'ENOTDIR') throw new UserError(`${out}: is a file; choose a new folder`);
    throw diskError(error, out);
  });
  if (names.length > 0) {
    throw new UserError(`${out}: exists and holds something; choose a new or empty folder`);
  }
}
