import { filesMigration } from './migrations/files.ts';
import { leasesMigration } from './migrations/leases.ts';
import { tablesMigration } from './migrations/tables.ts';

/**
 * What brings a PostgreSQL database to each version, the first from an empty one. A number that SQLite
 * has, too, makes the same tables there. One that has been released is never changed.
 */
export const migrations: Readonly<Record<number, readonly string[]>> = {
  12: tablesMigration,
  13: leasesMigration,
  15: filesMigration,
};

/** The version that all of them lead to. */
export const newestVersion = Math.max(...Object.keys(migrations).map(Number));
