import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { diskError } from '../../../files/atomic.ts';
import { StoreDamaged } from '../../parts.ts';
import { SqlStore } from '../sql-store.ts';
import { StoredPaths } from '../stored-paths.ts';
import { hasBytes, requireNoFiles } from './first-start.ts';
import { FolderLock } from './lock.ts';
import { damageError, SqliteDatabase } from './sqlite-database.ts';

/**
 * Opens the store of a data folder, which is made where it is missing, and keeps the folder for this
 * process until the store is closed.
 * @throws UserError where another process serves the folder, it may not be written, its `service.db`
 *   is not a database, damaged, or of a newer version, or files are there of which it has no rows at all
 */
export function openStore(folder: string): SqlStore {
  const path = join(folder, 'service.db');
  try {
    // SQLite would delete a log beside an empty file, and with it what the log holds.
    if (!hasBytes(path)) requireNoFiles(folder);
    // It shows people, and how to reach cameras: for nobody else to read.
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'a', 0o600));
  } catch (error) {
    throw diskError(error, path);
  }
  const lock = new FolderLock(folder, join(folder, 'service.lock'));
  try {
    return openDatabase(path, lock);
  } catch (error) {
    lock.release();
    // SQLite finds some damage only when a statement is prepared.
    const damaged = error instanceof StoreDamaged || (error instanceof Error && 'errcode' in error);
    throw damaged ? damageError(path, error.message) : error;
  }
}

function openDatabase(path: string, lock: FolderLock): SqlStore {
  const database = new SqliteDatabase(path, () => requireNoFiles(dirname(path)));
  try {
    const store = new SqlStore(database, new StoredPaths(dirname(path)), () => lock.release());
    store.requireReadable();
    return store;
  } catch (error) {
    database.close();
    throw error;
  }
}
