import { SqlStore } from '../sql-store.ts';
import { StoredPaths } from '../stored-paths.ts';
import { OrderTable } from './order-table.ts';
import { PostgresDatabase, type PostgresOptions } from './postgres-database.ts';

/** A store that writes what the leases of a worker allow. */
export interface WorkerStore {
  readonly store: SqlStore;
  readonly orders: OrderTable;
  /** From now on rows of these cameras alone may be written, each under this epoch of its lease. */
  writeUnder(epochs: ReadonlyMap<string, number>): void;
}

/**
 * Opens the store of a PostgreSQL database, whose tables are made where they are missing.
 * @param files the folder that stored paths are relative to
 * @throws UserError where it cannot be reached or used, or is of a newer version
 */
export function openPostgres(address: string, files: string, options?: PostgresOptions): SqlStore {
  return opened(new PostgresDatabase(address, options), files);
}

/** As {@link openPostgres}, for a worker that has no lease yet. */
export function openWorkerStore(
  address: string,
  files: string,
  options?: PostgresOptions,
): WorkerStore {
  const database = new PostgresDatabase(address, options);
  database.writeUnder(new Map());
  return {
    store: opened(database, files),
    orders: new OrderTable(database),
    writeUnder: (epochs) => database.writeUnder(epochs),
  };
}

function opened(database: PostgresDatabase, files: string): SqlStore {
  try {
    const store = new SqlStore(database, new StoredPaths(files));
    store.requireReadable();
    return store;
  } catch (error) {
    database.close();
    throw error;
  }
}
