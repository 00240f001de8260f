import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPostgres } from '../../../../src/service/store/postgres/open-postgres.ts';
import { migrations } from '../../../../src/service/store/sqlite/migrations.ts';
import { type Databases, testDatabases } from '../../../postgres/databases.ts';

/** Tables of the machines that share a PostgreSQL, which one machine does not have. */
const fleet = ['m2s2l_version', 'workers', 'leases', 'orders', 'files', 'swept_objects'];

/** What PostgreSQL has for a type of SQLite. */
const types: Readonly<Record<string, string>> = {
  TEXT: 'text',
  REAL: 'double precision',
  INTEGER: 'bigint',
  BLOB: 'bytea',
};

let databases: Databases;
beforeAll(async () => {
  databases = await testDatabases();
});
afterAll(() => databases.close());

/** `table.column type` of each, `?` where it may be null, and `table.column -> parent.column`. */
function ofSqlite(): string[] {
  const database = new DatabaseSync(':memory:');
  for (const sql of Object.values(migrations)) database.exec(sql);
  const ask = (sql: string) => database.prepare(sql).all() as Record<string, string | number>[];
  const columns = ask(
    `SELECT t.name AS "table", c.name, c.type, c."notnull" OR c.pk AS required
     FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
     WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'`,
  );
  const references = ask(
    `SELECT t.name AS "table", k."from", k."table" AS parent, k."to", k.on_delete
     FROM sqlite_schema AS t JOIN pragma_foreign_key_list(t.name) AS k WHERE t.type = 'table'`,
  );
  database.close();
  return [
    ...columns.map(
      ({ table, name, type, required }) => `${table}.${name} ${types[type!]}${required ? '' : '?'}`,
    ),
    ...references.map(
      ({ table, from, parent, to, on_delete: then }) =>
        `${table}.${from} -> ${parent}.${to} ${then}`,
    ),
  ].toSorted();
}

async function ofPostgres(address: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  const columns = await client.query(
    `SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
     WHERE table_schema = 'public'`,
  );
  const references = await client.query(
    `SELECT conrelid::regclass AS "table", confrelid::regclass AS parent, confdeltype AS then,
       (SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[1]) AS "from",
       (SELECT attname FROM pg_attribute WHERE attrelid = confrelid AND attnum = confkey[1]) AS "to"
     FROM pg_constraint WHERE contype = 'f'`,
  );
  await client.end();
  return [
    ...columns.rows
      .filter((row) => !fleet.includes(row.table_name))
      // JSON is text that PostgreSQL looks into.
      .map((row) => ({ ...row, type: row.data_type === 'json' ? 'text' : row.data_type }))
      .map(
        (row) =>
          `${row.table_name}.${row.column_name} ${row.type}${row.is_nullable === 'YES' ? '?' : ''}`,
      ),
    ...references.rows
      .filter((row) => !fleet.includes(row.table))
      .map(
        (row) =>
          `${row.table}.${row.from} -> ${row.parent}.${row.to} ${row.then === 'c' ? 'CASCADE' : row.then}`,
      ),
  ].toSorted();
}

test('both engines have the same tables, columns and references', async () => {
  const address = await databases.create();
  openPostgres(address, '.').close();
  const sqlite = ofSqlite();
  expect(sqlite.length).toBeGreaterThan(100);
  expect(await ofPostgres(address)).toEqual(sqlite);
});
