import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../errors.ts';

/** Turns the faults of a disk (full, read-only, not permitted) and of a path into one line for the user. */
export function diskError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new UserError(`${path}: the disk is full; free some space and run it again`);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new UserError(`${path}: may not be written (${code}); choose another place`);
    case 'ENOTDIR':
    case 'EEXIST':
      return new UserError(`${path}: a file stands where a folder is needed; choose another place`);
    case 'EISDIR':
      return new UserError(
        `${path}: a folder stands where the file is to go; choose another place`,
      );
    case 'ENAMETOOLONG':
      return new UserError(`${path}: the name is too long; choose a shorter one`);
    case 'ELOOP':
      return new UserError(`${path}: is a link that leads in a circle; choose another place`);
    default:
      return error;
  }
}

/**
 * Writes a file whole or not at all: to a temporary name beside it, synced, then renamed.
 * `write` gets the open temporary file. On any fault nothing of it is left, nor of the folders that
 * were made for it.
 * @throws UserError when the disk is full or the place may not be written.
 */
export async function writeAtomically(
  path: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  let made: string | undefined;
  try {
    made = await mkdir(dirname(path), { recursive: true });
  } catch (error) {
    throw diskError(error, path);
  }
  try {
    const file = await open(temporary, 'wx');
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    if (made !== undefined) await removeEmptyFolders(dirname(path), made);
    throw diskError(error, path);
  }
}

/** Removes a folder and those above it up to `top`, as far as they are empty. */
async function removeEmptyFolders(path: string, top: string): Promise<void> {
  for (let folder = resolve(path); folder.startsWith(resolve(top)); folder = dirname(folder)) {
    const removed = await rmdir(folder).then(
      () => true,
      () => false,
    );
    if (!removed) return;
  }
}

/** {@link writeAtomically} for contents that are at hand. */
export async function writeFileAtomically(path: string, data: string | Uint8Array): Promise<void> {
  await writeAtomically(path, (file) => file.writeFile(data));
}

/** Makes a rename last through a loss of power. Not every platform opens folders; those that do not need no sync. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(join(path, '.')).catch(() => undefined);
  try {
    await folder?.sync().catch(() => undefined);
  } finally {
    await folder?.close();
  }
}
