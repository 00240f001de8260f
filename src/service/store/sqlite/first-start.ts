import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../errors.ts';

/** @throws UserError where it is no plain file: opening a pipe would wait for its writer */
export function hasBytes(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats && !stats.isFile())
    throw new UserError(`${path}: is not a file; move it away or choose another data folder`);
  return (stats?.size ?? 0) > 0;
}

/**
 * A database without tables is new, or was lost: with files beside it, it was lost.
 * @throws UserError
 */
export function requireNoFiles(folder: string): void {
  for (const name of ['events', 'footage']) {
    const inside = join(folder, name);
    if (existsSync(inside) && readdirSync(inside).length > 0)
      throw new UserError(
        `${inside}: holds files, but service.db has no tables; put a copy of service.db in its place, move the files away, or choose another data folder`,
      );
  }
  requireNoLog(folder);
}

/**
 * SQLite would delete a log beside an empty database, and with it what the log holds.
 * @throws UserError
 */
export function requireNoLog(folder: string): void {
  const log = join(folder, 'service.db-wal');
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > 0)
    throw new UserError(
      `${log}: holds changes, but service.db is empty; put a copy of service.db in its place, or choose another data folder`,
    );
}
