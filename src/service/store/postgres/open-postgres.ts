import { SqlStore } from '../sql-store.ts';
import { StoredPaths } from '../stored-paths.ts';
import { PostgresDatabase, type PostgresOptions } from './postgres-database.ts';

/**
 * Opens the store of a PostgreSQL database, whose tables are made where they are missing.
 * @param files the folder that stored paths are relative to
 * @throws UserError where it cannot be reached or used, or is of a newer version
 */
export function openPostgres(address: string, files: string, options?: PostgresOptions): SqlStore {
  const database = new PostgresDatabase(address, options);
  try {
    const store = new SqlStore(database, new StoredPaths(files));
    store.requireReadable();
    return store;
  } catch (error) {
    database.close();
    throw error;
  }
}
