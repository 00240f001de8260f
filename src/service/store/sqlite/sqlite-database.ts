import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { UserError } from '../../../errors.ts';
import { CannotStore, StoreDamaged, StoreFull } from '../../parts.ts';
import type { Database, Parameters, Row } from '../database.ts';
import { migrations, newestVersion } from './migrations.ts';

/** "m2s2" in ASCII: marks our databases. */
const APPLICATION = 0x6d327332;

/** Result codes of SQLite, https://sqlite.org/rescode.html */
const codes = {
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
  sharedMemorySize: 4874,
};

/** Primary codes of a file that is damaged, gone, or on a disk that fails. */
const damaged = [
  codes.readOnly,
  codes.ioError,
  codes.corrupt,
  codes.cannotOpen,
  codes.notADatabase,
];

/** A SQLite database in WAL mode. Statements are prepared once. */
export class SqliteDatabase implements Database {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #damage: string | undefined;

  /**
   * @param onEmpty called before the first table is made
   * @throws UserError if the file is not our database, of a newer version, damaged, or cannot be opened
   */
  constructor(path: string, onEmpty: () => void = () => undefined) {
    try {
      this.#database = new DatabaseSync(path, { timeout: 5000 });
    } catch (error) {
      throw openingError(error, path);
    }
    try {
      this.#prepare(path, onEmpty);
    } catch (error) {
      this.#database.close();
      throw openingError(error, path);
    }
  }

  get damage(): string | undefined {
    return this.#damage;
  }

  all(sql: string, parameters: Parameters = {}): Row[] {
    return this.#guard(() => this.#statement(sql).all(parameters));
  }

  get(sql: string, parameters: Parameters = {}): Row | undefined {
    return this.#guard(() => this.#statement(sql).get(parameters));
  }

  run(sql: string, parameters: Parameters = {}): number {
    return this.#guard(() => Number(this.#statement(sql).run(parameters).changes));
  }

  transaction<Result>(work: () => Result): Result {
    return this.#guard(() => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.#database.exec('COMMIT');
        return result;
      } catch (error) {
        // On some faults SQLite has rolled back by itself.
        if (this.#database.isTransaction) this.#rollBack();
        throw error;
      }
    });
  }

  quickTransaction<Result>(work: () => Result): Result {
    this.#database.exec('PRAGMA synchronous = NORMAL');
    try {
      return this.transaction(work);
    } finally {
      this.#database.exec('PRAGMA synchronous = FULL');
    }
  }

  close(): void {
    this.#database.close();
  }

  /** A damaged database may refuse even this; the first error says more. */
  #rollBack(): void {
    try {
      this.#database.exec('ROLLBACK');
    } catch {
      return;
    }
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #guard<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      const { errcode = 0, message } = error as Error & { errcode?: number };
      if (errcode === codes.full || errcode === codes.sharedMemorySize)
        throw new StoreFull('the disk is full: nothing more can be stored', { cause: error });
      if (damaged.includes(errcode & 0xff)) {
        this.#damage = `service.db cannot be used (${message})`;
        throw new StoreDamaged(this.#damage, { cause: error });
      }
      throw error;
    }
  }

  #prepare(path: string, onEmpty: () => void): void {
    const database = this.#database;
    const { version, tables } = requireOurs(database, path);
    if (tables === 0) onEmpty();
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA foreign_keys = ON;
      PRAGMA temp_store = MEMORY;
      PRAGMA journal_size_limit = 16000000;
    `);
    for (const [number, sql] of Object.entries(migrations))
      if (Number(number) > version)
        this.transaction(() => {
          database.exec(sql);
          database.exec(`PRAGMA application_id = ${APPLICATION}`);
          database.exec(`PRAGMA user_version = ${number}`);
        });
  }
}

/**
 * The version of a database, and how many tables and indices it has.
 * @throws UserError where it is another program's, of a newer version, or damaged
 */
export function requireOurs(
  database: DatabaseSync,
  path: string,
): { readonly version: number; readonly tables: number } {
  const pragma = (name: string) =>
    Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  const version = pragma('user_version');
  const tables = Number(
    database.prepare('SELECT count(*) AS count FROM sqlite_schema').get()!.count,
  );
  if (pragma('application_id') !== APPLICATION && (version !== 0 || tables !== 0))
    throw new UserError(
      `${path}: is a database of another program; move it away or choose another data folder`,
    );
  if (version > newestVersion)
    throw new UserError(
      `${path}: was written by a newer m2s2l (version ${version} of the store, this one knows ${newestVersion}); update m2s2l`,
    );
  if (tables > 0 && version > 0) requireSound(database, path);
  return { version, tables };
}

/** Reads every page, so that damage is found now and not when its rows are needed. */
function requireSound(database: DatabaseSync, path: string): void {
  const [fault] = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {});
  if (fault !== 'ok') throw damageError(path, String(fault));
}

/** Damage that is found at the start. */
export function damageError(path: string, fault: string): UserError {
  const [line] = fault.replaceAll(/\*\*\* in database main \*\*\*\s*/g, '').split('\n');
  return new UserError(
    `${path}: is damaged (${line}); put an undamaged copy in its place, or choose another data folder`,
  );
}

/** What a database that cannot be opened means for its user. */
export function openingError(error: unknown, path: string): unknown {
  if (error instanceof UserError) return error;
  const cause = error instanceof CannotStore ? error.cause : error;
  const { errcode: whole, message } = cause as Error & { errcode?: number };
  const errcode = whole === undefined || whole === codes.sharedMemorySize ? whole : whole & 0xff;
  switch (errcode) {
    case codes.full:
    case codes.sharedMemorySize:
      return new UserError(`${path}: the disk is full; free some space and start again`);
    case codes.notADatabase:
      return new UserError(
        `${path}: is not a database; move it away or choose another data folder`,
      );
    case codes.readOnly:
    case codes.cannotOpen:
      return new UserError(`${path}: cannot be opened; choose a data folder that may be written`);
    default:
      return damageError(path, message);
  }
}
