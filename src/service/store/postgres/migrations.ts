import { UserError } from '../../../errors.ts';
import { filesMigration } from './migrations/files.ts';
import { leasesMigration } from './migrations/leases.ts';
import { tablesMigration } from './migrations/tables.ts';

/**
 * What brings a PostgreSQL database to each version, the first from an empty one. A number that SQLite
 * has, too, makes the same tables there. One that has been released is never changed.
 */
const migrations: Readonly<Record<number, readonly string[]>> = {
  12: tablesMigration,
  13: leasesMigration,
  15: filesMigration,
};

/** The version that all of them lead to. */
const newestVersion = Math.max(...Object.keys(migrations).map(Number));

/** The statements that bring a database of a version to the newest; 0 is an empty one. */
export const statementsAfter = (version: number): string[] =>
  Object.entries(migrations)
    .filter(([number]) => Number(number) > version)
    .flatMap(([number, statements]) => [
      ...statements,
      `INSERT INTO m2s2l_version VALUES (${Number(number)})`,
    ]);

/** A number of our own, so that two programs that start at once do not both bring the database up. */
export const MIGRATION_LOCK = 0x6d32_7332;

/** @throws UserError where a database is of a version that this m2s2l does not know */
export function requireKnown(version: number, name: string): void {
  if (version > newestVersion)
    throw new UserError(
      `${name}: is of a newer m2s2l (version ${version} of the store, this one knows ${newestVersion}); update m2s2l`,
    );
}
