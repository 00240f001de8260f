import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';

/**
 * Size in bytes and last change, in seconds since 1970, of a video, or of a folder of frames and all in it.
 * File systems keep times of different fineness, but all keep seconds.
 * @throws UserError where it is not there
 */
export async function recordingState(
  path: string,
): Promise<{ readonly size: number; readonly modified: number }> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(
      error.code === 'ENOENT' || error.code === 'ENOTDIR'
        ? `${path}: is not there`
        : `${path}: cannot be read (${error.code})`,
    );
  });
  if (!info.isDirectory()) return { size: info.size, modified: Math.floor(info.mtimeMs / 1000) };
  let [size, modified] = [0, 0];
  for (const name of await readdir(path)) {
    const frame = await stat(join(path, name));
    size += frame.size;
    modified = Math.max(modified, Math.floor(frame.mtimeMs / 1000));
  }
  return { size, modified };
}
