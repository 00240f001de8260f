import { UserError } from '../../../errors.ts';

/** @throws UserError where an address is none of a PostgreSQL database */
export function requireDatabase(address: string): void {
  if (!/^postgres(ql)?:\/\//.test(address) || !URL.canParse(address))
    throw new UserError(
      '--store: is no address of PostgreSQL; give postgres://USER@HOST/DATABASE, and its password in the variable PGPASSWORD',
    );
}

/** An address without its user and password, for people to read. */
export function databaseName(address: string): string {
  const { host, pathname } = new URL(address);
  return `postgres://${host}${pathname}`;
}
