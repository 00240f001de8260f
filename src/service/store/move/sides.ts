import { resolve } from 'node:path';
import { UserError } from '../../../errors.ts';
import type { Row } from '../database.ts';
import { databaseName } from '../postgres/database-name.ts';
import type { SharedTable } from './tables.ts';

/** Where a store is. */
export type StoreAddress =
  | { readonly kind: 'folder'; readonly name: string; readonly folder: string }
  | { readonly kind: 'postgres'; readonly name: string; readonly address: string };

/** A store that is read; nothing in it changes. */
export interface SourceStore {
  count(table: SharedTable): Promise<number>;
  batches(table: SharedTable): AsyncIterable<Row[]>;
  /** The largest number that it ever gave, 0 for none. */
  lastNumber(table: SharedTable): Promise<bigint>;
  close(): Promise<void>;
}

/** An empty store in a transaction. */
export interface TargetStore {
  insert(table: SharedTable, rows: readonly Row[]): Promise<void>;
  /** The next number that it gives is one more. */
  setLastNumber(table: SharedTable, last: bigint): Promise<void>;
  /** All that was inserted is on the disk when this settles. */
  commit(): Promise<void>;
  /** Without a commit, it is as it was before. */
  close(): Promise<void>;
}

/**
 * @param text a data folder, or an address of PostgreSQL
 * @throws UserError where it is neither
 */
export function storeAddress(text: string): StoreAddress {
  const withoutUser = text.replace(/:\/\/.*@/, '://');
  if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text))
    return { kind: 'postgres', name: databaseName(text), address: text };
  if (text.includes('://'))
    throw new UserError(
      `${withoutUser}: is no store; give a data folder or postgres://USER@HOST/DATABASE`,
    );
  return { kind: 'folder', name: text, folder: resolve(text) };
}

/** @throws UserError */
export function refuseFilled(name: string, filled: readonly string[]): void {
  if (filled.length === 0) return;
  const [first, second, ...more] = filled;
  const which = [first, second, more.length > 0 ? `${more.length} more` : undefined]
    .filter((part) => part !== undefined)
    .join(', ');
  throw new UserError(`${name}: holds a store already (rows in ${which}); move into an empty one`);
}
