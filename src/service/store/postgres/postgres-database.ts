import { UserError } from '../../../errors.ts';
import { LeaseLost, StoreDamaged, StoreFull, StoreUnreachable } from '../../parts.ts';
import type { Database, Parameters, Row } from '../database.ts';
import { Connection, Refused } from './connection.ts';
import { databaseName } from './database-name.ts';
import { LEASE_LOST } from './migrations/leases.ts';
import { MIGRATION_LOCK, requireKnown, statementsAfter } from './migrations.ts';
import { numbered } from './numbered.ts';

/** SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html */
const DISK_FULL = '53100';

/** States that pass: too many connections, no memory, locked, read only while another takes over. */
const passing = /^(53|55P03|57014|25006|40)/;

/** Milliseconds to connect, and for an answer: for so long the whole process may wait. */
const PATIENCE = 3000;

export interface PostgresOptions {
  /** Milliseconds to connect, and for an answer; default 3000. */
  readonly patience?: number;
}

/**
 * A PostgreSQL database, brought to the newest version. Each call waits for its answer
 * ([decision 21](../../../../docs/decisions/0021-many-machines.md)).
 */
export class PostgresDatabase implements Database {
  readonly #connection: Connection;
  #damage: string | undefined;
  /** Whether a transaction is under way, and what ended it before its time. */
  #transaction: { fault: unknown } | undefined;

  /** @throws UserError where it cannot be reached or used, or is of a newer version */
  constructor(address: string, { patience = PATIENCE }: PostgresOptions = {}) {
    this.#connection = new Connection(address, patience);
    try {
      this.#migrate(databaseName(address));
    } catch (error) {
      this.close();
      throw openingError(error, databaseName(address));
    }
  }

  get damage(): string | undefined {
    return this.#damage;
  }

  all(sql: string, parameters: Parameters = {}): Row[] {
    return this.#ask(sql, parameters).rows;
  }

  get(sql: string, parameters: Parameters = {}): Row | undefined {
    return this.#ask(sql, parameters).rows[0];
  }

  run(sql: string, parameters: Parameters = {}): number {
    return this.#ask(sql, parameters).changed;
  }

  transaction<Result>(work: () => Result): Result {
    return this.#within('BEGIN', work);
  }

  quickTransaction<Result>(work: () => Result): Result {
    return this.#within('BEGIN; SET LOCAL synchronous_commit = off', work);
  }

  /** From now on rows of these cameras alone may be written, each under this epoch of its lease. */
  writeUnder(epochs: ReadonlyMap<string, number>): void {
    this.#connection.begin("SELECT set_config('m2s2l.leases', $1, false)", [
      JSON.stringify(Object.fromEntries(epochs)),
    ]);
  }

  close(): void {
    this.#connection.close();
  }

  #within<Result>(begin: string, work: () => Result): Result {
    const transaction = { fault: undefined as unknown };
    for (const statement of begin.split('; ')) this.#ask(statement);
    this.#transaction = transaction;
    try {
      const result = work();
      this.#ask('COMMIT');
      return result;
    } catch (error) {
      this.#transaction = undefined;
      // A connection that is gone has rolled back.
      if (!(error instanceof StoreUnreachable)) this.#rollBack();
      throw error;
    } finally {
      this.#transaction = undefined;
    }
  }

  #rollBack(): void {
    try {
      this.#ask('ROLLBACK');
    } catch (error) {
      if (!(error instanceof StoreUnreachable)) throw error;
    }
  }

  #ask(
    sql: string,
    parameters: Parameters = {},
  ): { readonly rows: Row[]; readonly changed: number } {
    // A new connection would run the rest outside of the transaction.
    if (this.#transaction?.fault) throw this.#transaction.fault;
    const { text, values } = numbered(sql, parameters);
    try {
      return this.#connection.ask(text, values);
    } catch (error) {
      const fault = error instanceof Refused ? this.#faultOf(error) : error;
      if (this.#transaction) this.#transaction.fault = fault;
      throw fault;
    }
  }

  #faultOf(refused: Refused): unknown {
    const { code = '', message } = refused;
    if (code === LEASE_LOST) return new LeaseLost(message, { cause: refused });
    if (code === DISK_FULL)
      return new StoreFull("the database's disk is full: nothing more can be stored", {
        cause: refused,
      });
    if (code.startsWith('XX')) {
      this.#damage = `the database cannot be used (${message})`;
      return new StoreDamaged(this.#damage, { cause: refused });
    }
    if (passing.test(code))
      return new StoreUnreachable(`the database refuses for now (${message})`, { cause: refused });
    return refused;
  }

  #migrate(name: string): void {
    this.transaction(() => {
      this.run('SELECT pg_advisory_xact_lock(:lock)', { lock: MIGRATION_LOCK });
      this.run('CREATE TABLE IF NOT EXISTS m2s2l_version (version INTEGER NOT NULL)');
      const version = Number(
        this.get('SELECT max(version) AS version FROM m2s2l_version')!.version,
      );
      requireKnown(version, name);
      for (const statement of statementsAfter(version)) this.run(statement);
    });
  }
}

function openingError(error: unknown, name: string): unknown {
  if (error instanceof StoreUnreachable || error instanceof StoreFull)
    return new UserError(`${name}: ${error.message}`);
  if (!(error instanceof Refused)) return error;
  const what = error.code?.startsWith('28') ? 'does not let in' : 'cannot be used';
  return new UserError(`${name}: ${what} (${error.message})`);
}
