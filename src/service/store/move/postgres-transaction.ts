import pg from 'pg';
import { UserError } from '../../../errors.ts';
import { MIGRATION_LOCK, requireKnown, statementsAfter } from '../postgres/migrations.ts';

/** Milliseconds to connect, and to wait for a table that another program holds. */
const PATIENCE = 10_000;

/** As SQLite has them: whole numbers without loss, JSON as its text. */
const plainTypes = {
  getTypeParser(type: number, format?: 'text' | 'binary') {
    if (type === pg.types.builtins.INT8) return BigInt;
    if (type === pg.types.builtins.JSON) return String;
    return pg.types.getTypeParser(type, format);
  },
} as pg.CustomTypesConfig;

/** A store in PostgreSQL within one transaction, in which no server and no worker starts on it. */
export class PostgresTransaction {
  readonly name: string;
  readonly #client: pg.Client;

  private constructor(client: pg.Client, name: string) {
    this.#client = client;
    this.name = name;
  }

  /**
   * Brings the store to the newest version, which a rollback takes back.
   * @param mustExist whether it has to be one already
   * @throws UserError where it cannot be reached or used, is served, or is of a newer version
   */
  static async begin(
    address: string,
    name: string,
    mustExist: boolean,
  ): Promise<PostgresTransaction> {
    const client = new pg.Client({
      connectionString: address,
      connectionTimeoutMillis: PATIENCE,
      keepAlive: true,
      application_name: 'm2s2l store move',
      types: plainTypes,
    });
    // The statement that comes next fails with it.
    client.on('error', () => undefined);
    const transaction = new PostgresTransaction(client, name);
    try {
      await client.connect();
      await transaction.#begin(mustExist);
      return transaction;
    } catch (error) {
      await transaction.close();
      throw transaction.errorOf(error);
    }
  }

  async ask(sql: string, values: readonly unknown[] = []): Promise<pg.QueryResult> {
    try {
      return await this.#client.query(sql, [...values]);
    } catch (error) {
      throw this.errorOf(error);
    }
  }

  async commit(): Promise<void> {
    await this.ask('COMMIT');
  }

  /** Rolls back what was not committed. */
  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }

  /** What an error means for its user. SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
  errorOf(error: unknown): unknown {
    if (error instanceof UserError) return error;
    const { message, code = '' } = error as Error & { code?: string };
    if (!(error instanceof pg.DatabaseError))
      return new UserError(`${this.name}: cannot be reached (${message || code})`);
    if (code === '53100') return new UserError(`${this.name}: the disk is full; nothing was moved`);
    if (code === '55P03')
      return new UserError(`${this.name}: is in use by another program; end it, and move again`);
    if (code.startsWith('28')) return new UserError(`${this.name}: does not let in (${message})`);
    if (code.startsWith('23') || code.startsWith('22')) {
      const { table, detail } = error;
      const why = detail ? `${message}: ${detail.replace(/\.$/, '')}` : message;
      return new UserError(
        `${this.name}: a row${table ? ` of ${table}` : ''} does not fit (${why}); nothing was moved`,
      );
    }
    return new UserError(`${this.name}: cannot be used (${message})`);
  }

  async #begin(mustExist: boolean): Promise<void> {
    const exists = async (table: string) =>
      (await this.ask('SELECT to_regclass($1) AS found', [table])).rows[0].found !== null;
    if (mustExist && !(await exists('m2s2l_version')))
      throw new UserError(`${this.name}: holds no store; give the database of one`);
    // What is read is of one moment; the tables of a target may be made while this waits for its turn.
    await this.ask(`BEGIN ISOLATION LEVEL ${mustExist ? 'REPEATABLE READ' : 'READ COMMITTED'}`);
    await this.ask(`SET LOCAL lock_timeout = ${PATIENCE}`);
    await this.ask('SET LOCAL statement_timeout = 0');
    await this.ask('SET LOCAL idle_in_transaction_session_timeout = 0');
    // Before the first look, which all later ones share.
    const fleet = await this.#lockFleet();
    await this.ask('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    if (fleet) await this.#requireUnserved();
    await this.ask('CREATE TABLE IF NOT EXISTS m2s2l_version (version INTEGER NOT NULL)');
    const { rows } = await this.ask(
      'SELECT coalesce(max(version), 0) AS version FROM m2s2l_version',
    );
    const version = Number(rows[0].version);
    requireKnown(version, this.name);
    for (const statement of statementsAfter(version)) await this.ask(statement);
  }

  /** @returns whether there are tables of workers: who starts would write into them */
  async #lockFleet(): Promise<boolean> {
    await this.ask('SAVEPOINT fleet');
    try {
      await this.#client.query('LOCK TABLE workers, leases IN SHARE MODE');
      return true;
    } catch (error) {
      if ((error as { code?: string }).code !== '42P01') throw error;
      await this.ask('ROLLBACK TO SAVEPOINT fleet');
      return false;
    }
  }

  /** @throws UserError where a worker or a server is alive, by the database's clock */
  async #requireUnserved(): Promise<void> {
    const { rows } = await this.ask(
      `SELECT name FROM workers WHERE until > clock_timestamp()
       UNION SELECT worker FROM leases WHERE worker IS NOT NULL AND until > clock_timestamp()
       ORDER BY name LIMIT 1`,
    );
    if (rows.length > 0)
      throw new UserError(
        `${this.name}: is served right now (by ${rows[0].name}); end its servers and workers, and move again`,
      );
  }
}
