import { constants, type Stats } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { UserError } from '../errors.ts';

/**
 * What lies under a path, links followed, that can be read to an end; undefined where nothing does.
 * @throws UserError for what cannot: a pipe, a socket, a device, a link in a circle, a name that is
 *   too long, a file without the right to read it
 */
export async function pathKind(path: string): Promise<'file' | 'folder' | undefined> {
  let found: Stats;
  try {
    found = await stat(path);
    await access(path, constants.R_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'EACCES' || code === 'EPERM') throw new UserError(`${path}: may not be read`);
    if (code === 'ELOOP') throw new UserError(`${path}: is a link that leads in a circle`);
    if (code === 'ENAMETOOLONG') throw new UserError(`${path}: the name is too long for a file`);
    if (code === 'ERR_INVALID_ARG_VALUE')
      throw new UserError(`${path.replaceAll('\0', '?')}: holds a zero byte, which no path does`);
    throw error;
  }
  if (found.isFile()) return 'file';
  if (found.isDirectory()) return 'folder';
  const what = found.isFIFO() ? 'a named pipe' : found.isSocket() ? 'a socket' : 'a device';
  throw new UserError(`${path}: is ${what} and no file; give a file or a folder`);
}
