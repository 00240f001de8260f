import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { UserError } from '../../../errors.ts';
import { diskError } from '../../../files/atomic.ts';
import type { Row } from '../database.ts';
import { hasBytes } from '../sqlite/first-start.ts';
import { FolderLock } from '../sqlite/lock.ts';
import { migrations } from '../sqlite/migrations.ts';
import { openingError, requireOurs } from '../sqlite/sqlite-database.ts';
import { BATCH } from './batch.ts';
import type { SourceStore } from './sides.ts';
import type { SharedTable } from './tables.ts';

/**
 * The store of a data folder. An older one is brought to the newest version within a transaction
 * that is always rolled back.
 */
export class SqliteSource implements SourceStore {
  readonly #lock: FolderLock;
  readonly #database: DatabaseSync;

  /** @throws UserError where there is none, it is served, damaged, or of a newer version */
  constructor(folder: string) {
    const path = join(folder, 'service.db');
    if (!existsSync(path) || !hasBytes(path))
      throw new UserError(`${folder}: holds no store (no service.db); give the data folder of one`);
    try {
      this.#lock = new FolderLock(folder, join(folder, 'service.lock'));
    } catch (error) {
      throw openingError(diskError(error, folder), folder);
    }
    try {
      this.#database = new DatabaseSync(path, { timeout: 5000 });
    } catch (error) {
      this.#lock.release();
      throw openingError(error, path);
    }
    try {
      this.#begin(path);
    } catch (error) {
      this.#release();
      throw openingError(error, path);
    }
  }

  async count({ name }: SharedTable): Promise<number> {
    return Number(this.#database.prepare(`SELECT count(*) AS count FROM ${name}`).get()!.count);
  }

  async *batches({ name, columns }: SharedTable): AsyncGenerator<Row[]> {
    const statement = this.#database.prepare(`SELECT ${columns.join(', ')} FROM ${name}`);
    statement.setReadBigInts(true);
    let batch: Row[] = [];
    for (const row of statement.iterate()) {
      batch.push(row as Row);
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
      // Ctrl-C is heard between two batches.
      await setImmediate();
    }
    if (batch.length > 0) yield batch;
  }

  async lastNumber({ name }: SharedTable): Promise<bigint> {
    const row = this.#database
      .prepare('SELECT seq FROM sqlite_sequence WHERE name = :name')
      .get({ name });
    return BigInt((row?.seq as number | undefined) ?? 0);
  }

  async close(): Promise<void> {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    this.#release();
  }

  #begin(path: string): void {
    const { version, tables } = requireOurs(this.#database, path);
    if (tables === 0)
      throw new UserError(`${path}: holds no store (no tables); give the data folder of one`);
    this.#database.exec('BEGIN IMMEDIATE');
    for (const [number, sql] of Object.entries(migrations))
      if (Number(number) > version) this.#database.exec(sql);
  }

  #release(): void {
    this.#database.close();
    this.#lock.release();
  }
}
