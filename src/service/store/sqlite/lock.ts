import { DatabaseSync } from 'node:sqlite';
import { UserError } from '../../../errors.ts';

/** SQLITE_BUSY, with any of its extended codes. */
const BUSY = 5;

const NOT_A_DATABASE = 26;

/**
 * Keeps a data folder for this process: an exclusive lock on an empty SQLite database in it, which
 * the system takes back when the process ends, however it does.
 * @throws UserError where another process holds it
 */
export class FolderLock {
  readonly #database: DatabaseSync;

  constructor(folder: string, path: string) {
    this.#database = new DatabaseSync(path, { timeout: 0 });
    try {
      // Without a journal it writes nothing, so a full disk does not keep the service from starting.
      this.#database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    } catch (error) {
      this.#database.close();
      const code = ((error as { errcode?: number }).errcode ?? 0) % 256;
      if (code === NOT_A_DATABASE)
        throw new UserError(`${path}: is not a lock file of m2s2l; delete it and start again`);
      if (code !== BUSY) throw error;
      throw new UserError(
        `${folder}: another m2s2l serves this data folder; end it, or choose another folder`,
      );
    }
  }

  release(): void {
    this.#database.close();
  }
}
