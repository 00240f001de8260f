import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { diskError } from '../../files/atomic.ts';

const MARK = 'm2s2l-fleet';

/** Folders in which a fleet has files. */
const ours = ['events', 'models', 'footage', 'scenes', 'odd'];

/**
 * Makes sure that a folder is the one that all programs of a fleet share: a machine on which it is not
 * mounted would fill its own disk with files that nobody finds.
 * @param fleet what tells one fleet from another
 * @param isNew whether the fleet has no camera yet
 * @throws UserError
 */
export function requireSharedFolder(folder: string, fleet: string, isNew: boolean): void {
  const path = join(folder, MARK);
  try {
    // It shows people: for nobody else to read.
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!existsSync(path) && (isNew || ours.some((name) => existsSync(join(folder, name)))))
      writeFileSync(path, `${fleet}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    // Another program of the fleet was quicker.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw diskError(error, path);
  }
  if (!existsSync(path))
    throw new UserError(
      `${folder}: is empty, but the fleet has files; give the folder that all its machines share, and see that it is mounted`,
    );
  if (readFileSync(path, 'utf8').trim() !== fleet)
    throw new UserError(`${folder}: belongs to another fleet, by ${MARK} in it; give this fleet's`);
}
