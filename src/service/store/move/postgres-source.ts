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

  /** @throws UserError where there is none, it cannot be reached, is served, or is of a newer version */
  static async open(address: string, name: string): Promise<PostgresSource> {
    return new PostgresSource(await PostgresTransaction.begin(address, name, true));
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
