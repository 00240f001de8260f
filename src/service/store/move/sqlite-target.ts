import { closeSync, existsSync, mkdirSync, openSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { UserError } from '../../../errors.ts';
import { diskError } from '../../../files/atomic.ts';
import type { Row } from '../database.ts';
import { hasBytes, requireNoLog } from '../sqlite/first-start.ts';
import { FolderLock } from '../sqlite/lock.ts';
import { SqliteDatabase } from '../sqlite/sqlite-database.ts';
import { refuseFilled, type TargetStore } from './sides.ts';
import { type SharedTable, sharedTables } from './tables.ts';

/** SQLITE_CONSTRAINT, with any of its extended codes. */
const CONSTRAINT = 19;

/** The store of a data folder, which is made where it is missing. */
export class SqliteTarget implements TargetStore {
  readonly #folder: string;
  readonly #path: string;
  /** What was made for it, and goes where nothing is moved: the last first. */
  readonly #made: (() => void)[] = [];
  readonly #lock: FolderLock;
  readonly #database: SqliteDatabase;
  #committed = false;

  /** @throws UserError where it holds rows, is served, damaged, of a newer version, or may not be written */
  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, 'service.db');
    try {
      this.#prepareFolder();
    } catch (error) {
      this.#unmake();
      throw diskError(error, this.#path);
    }
    try {
      this.#lock = new FolderLock(folder, join(folder, 'service.lock'));
    } catch (error) {
      this.#unmake();
      throw error;
    }
    try {
      this.#database = new SqliteDatabase(this.#path);
    } catch (error) {
      this.#unmake();
      this.#lock.release();
      throw error;
    }
    try {
      const filled = sharedTables().filter(({ name }) =>
        this.#database.get(`SELECT 1 AS one FROM ${name} LIMIT 1`),
      );
      refuseFilled(
        folder,
        filled.map(({ name }) => name),
      );
      this.#database.run('BEGIN IMMEDIATE');
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  async insert({ name, columns }: SharedTable, rows: readonly Row[]): Promise<void> {
    const values = columns.map((column) => `:${column}`).join(', ');
    const sql = `INSERT INTO ${name} (${columns.join(', ')}) VALUES (${values})`;
    try {
      for (const row of rows) this.#database.run(sql, row);
    } catch (error) {
      const { errcode = 0, message } = error as Error & { errcode?: number };
      if ((errcode & 0xff) !== CONSTRAINT) throw error;
      throw new UserError(
        `${this.#folder}: a row of ${name} does not fit (${message}); nothing was moved`,
      );
    }
    await setImmediate();
  }

  async setLastNumber({ name }: SharedTable, last: bigint): Promise<void> {
    this.#database.run('DELETE FROM sqlite_sequence WHERE name = :name', { name });
    if (last > 0n)
      this.#database.run('INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)', {
        name,
        last,
      });
  }

  async commit(): Promise<void> {
    this.#database.run('COMMIT');
    this.#committed = true;
  }

  async close(): Promise<void> {
    this.#release();
  }

  #prepareFolder(): void {
    if (!existsSync(this.#folder)) this.#made.unshift(() => rmdirSync(this.#folder));
    const fresh = !hasBytes(this.#path);
    if (fresh) requireNoLog(this.#folder);
    // It shows people, and how to reach cameras: for nobody else to read.
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const lock = join(this.#folder, 'service.lock');
    if (!existsSync(lock)) this.#made.unshift(() => rmSync(lock, { force: true }));
    if (!fresh) return;
    this.#made.unshift(() => {
      for (const suffix of ['', '-wal', '-shm']) rmSync(this.#path + suffix, { force: true });
    });
    closeSync(openSync(this.#path, 'a', 0o600));
  }

  /** Closing takes back what was not committed. */
  #release(): void {
    this.#database.close();
    if (!this.#committed) this.#unmake();
    this.#lock.release();
  }

  #unmake(): void {
    for (const unmake of this.#made)
      try {
        unmake();
      } catch {
        // A folder that is not empty, such as one with files of the store, stays.
      }
  }
}
