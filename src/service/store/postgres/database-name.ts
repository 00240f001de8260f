import { UserError } from '../../../errors.ts';

/** Whether an address of a store is one of PostgreSQL. */
export const isPostgres = (address: string): boolean => /^postgres(ql)?:\/\//.test(address);

/**
 * An address without its user and password, for people to read.
 * @param where what an error begins with
 * @throws UserError where it is none
 */
export function databaseName(address: string, where = '--store'): string {
  if (!isPostgres(address) || !URL.canParse(address))
    throw new UserError(
      `${where}: is no address of PostgreSQL; give postgres://USER@HOST/DATABASE, its password in the environment's PGPASSWORD`,
    );
  const { host, pathname } = new URL(address);
  return `postgres://${host}${pathname}`;
}
