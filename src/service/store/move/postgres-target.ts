import type { Row } from '../database.ts';
import { PostgresTransaction } from './postgres-transaction.ts';
import { refuseFilled, type TargetStore } from './sides.ts';
import { type SharedTable, sharedTables } from './tables.ts';

/** A store in PostgreSQL, whose tables are made where they are missing. */
export class PostgresTarget implements TargetStore {
  readonly #transaction: PostgresTransaction;
  readonly #types = new Map<string, ReadonlyMap<string, string>>();

  private constructor(transaction: PostgresTransaction) {
    this.#transaction = transaction;
  }

  /** @throws UserError where it holds rows, cannot be reached, is served, or is of a newer version */
  static async open(address: string, name: string): Promise<PostgresTarget> {
    const transaction = await PostgresTransaction.begin(address, name, false);
    try {
      const filled: string[] = [];
      for (const table of sharedTables()) {
        const { rows } = await transaction.ask(`SELECT FROM ${table.name} LIMIT 1`);
        if (rows.length > 0) filled.push(table.name);
      }
      refuseFilled(name, filled);
      return new PostgresTarget(transaction);
    } catch (error) {
      await transaction.close();
      throw error;
    }
  }

  /** One array a column: as many rows as there are, in one statement. */
  async insert({ name, columns }: SharedTable, rows: readonly Row[]): Promise<void> {
    const types = this.#types.get(name) ?? (await this.#readTypes(name));
    const arrays = columns.map((column, i) => `$${i + 1}::${types.get(column)}[]`);
    await this.#transaction.ask(
      `INSERT INTO ${name} (${columns.join(', ')}) SELECT * FROM unnest(${arrays.join(', ')})`,
      columns.map((column) => rows.map((row) => row[column])),
    );
  }

  /** Unlike `setval`, a restart is taken back with the transaction. */
  async setLastNumber({ name, numbered }: SharedTable, last: bigint): Promise<void> {
    await this.#transaction.ask(
      `ALTER TABLE ${name} ALTER COLUMN ${numbered} RESTART WITH ${last + 1n}`,
    );
  }

  commit(): Promise<void> {
    return this.#transaction.commit();
  }

  close(): Promise<void> {
    return this.#transaction.close();
  }

  async #readTypes(table: string): Promise<ReadonlyMap<string, string>> {
    const { rows } = await this.#transaction.ask(
      `SELECT column_name, data_type FROM information_schema.columns
       WHERE table_schema = current_schema() AND table_name = $1`,
      [table],
    );
    const types = new Map(rows.map(({ column_name, data_type }) => [column_name, data_type]));
    this.#types.set(table, types);
    return types;
  }
}
