import { UserError } from '../../../errors.ts';
import type { Row } from '../database.ts';
import { BATCH } from './batch.ts';
import { PostgresTransaction } from './postgres-transaction.ts';
import type { SourceStore } from './sides.ts';
import type { SharedTable } from './tables.ts';

/** A store in PostgreSQL that is read, in a transaction that is always rolled back. */
export class PostgresSource implements SourceStore {
  readonly #transaction: PostgresTransaction;

  private constructor(transaction: PostgresTransaction) {
    this.#transaction = transaction;
  }

  /**
   * @throws UserError where there is none, it cannot be reached, is served, of a newer version, has orders that
   *   no worker has done, or files in S3
   */
  static async open(address: string, name: string): Promise<PostgresSource> {
    const transaction = await PostgresTransaction.begin(address, name, true);
    try {
      await requireNoOrders(transaction);
      await requireFilesInFolder(transaction);
      return new PostgresSource(transaction);
    } catch (error) {
      await transaction.close();
      throw error;
    }
  }

  async count({ name }: SharedTable): Promise<number> {
    const { rows } = await this.#transaction.ask(`SELECT count(*) AS count FROM ${name}`);
    return Number(rows[0].count);
  }

  async *batches({ name, columns }: SharedTable): AsyncGenerator<Row[]> {
    await this.#transaction.ask(
      `DECLARE moved NO SCROLL CURSOR FOR SELECT ${columns.join(', ')} FROM ${name}`,
    );
    for (;;) {
      const { rows } = await this.#transaction.ask(`FETCH ${BATCH} FROM moved`);
      if (rows.length === 0) break;
      yield rows;
    }
    await this.#transaction.ask('CLOSE moved');
  }

  async lastNumber({ name, numbered }: SharedTable): Promise<bigint> {
    const sequence = await this.#transaction.ask(
      'SELECT pg_get_serial_sequence($1, $2) AS sequence',
      [name, numbered],
    );
    const { rows } = await this.#transaction.ask(
      `SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END AS last
       FROM ${sequence.rows[0].sequence}`,
    );
    return rows[0].last;
  }

  close(): Promise<void> {
    return this.#transaction.close();
  }
}

/** What a verdict is to do is only known to the worker that has the camera. */
async function requireNoOrders(transaction: PostgresTransaction): Promise<void> {
  const { rows } = await transaction.ask('SELECT count(*) AS count FROM orders');
  if (rows[0].count > 0n)
    throw new UserError(
      `${transaction.name}: has ${rows[0].count} verdicts that no worker has taken up yet; let a worker run until they are, and move again`,
    );
}

/** Which object in S3 a file is stands in a table that only PostgreSQL has. */
async function requireFilesInFolder(transaction: PostgresTransaction): Promise<void> {
  const { rows } = await transaction.ask('SELECT FROM files LIMIT 1');
  if (rows.length > 0)
    throw new UserError(
      `${transaction.name}: has its files in S3, from where they are not moved; only stores with files in a folder are`,
    );
}
