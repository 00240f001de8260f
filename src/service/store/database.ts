/** A value of a row, and of a parameter: what both engines have. */
export type Value = string | number | bigint | Uint8Array | null;

export type Row = Record<string, Value>;

/** Named as in the statement, without the colon. */
export type Parameters = Record<string, Value>;

/**
 * A SQL database, brought to the newest version. Statements are of the SQL that SQLite and PostgreSQL
 * share, with parameters as `:name`.
 * @throws StoreFull, StoreDamaged, StoreUnreachable, LeaseLost: nothing of the statement is stored then
 */
export interface Database {
  /** Why it cannot be used, in one line, once that was met. */
  readonly damage: string | undefined;
  all(sql: string, parameters?: Parameters): Row[];
  get(sql: string, parameters?: Parameters): Row | undefined;
  /** @returns how many rows it changed */
  run(sql: string, parameters?: Parameters): number;
  /** Everything of `work` or nothing; it is on the disk when this returns. */
  transaction<Result>(work: () => Result): Result;
  /**
   * As {@link transaction}, but it does not wait for the disk: a loss of power may take it back, the
   * end of this process does not.
   */
  quickTransaction<Result>(work: () => Result): Result;
  close(): void;
}
