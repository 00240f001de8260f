import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import fc from 'fast-check';
import { sharedTables } from '../../../../src/service/store/move/tables.ts';

/** Values of a row, by column. */
type Row = Record<string, SQLInputValue>;

interface Column {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly pk: number;
}

const asked = <T>(database: DatabaseSync, sql: string, table: string) =>
  database.prepare(sql).all({ table }) as T[];

/** Columns of a unique index. */
const uniqueColumns = (database: DatabaseSync, table: string): Set<string> =>
  new Set(
    asked<{ name: string }>(
      database,
      `SELECT column.name FROM pragma_index_list(:table) AS list
       JOIN pragma_index_info(list.name) AS column WHERE list."unique" = 1`,
      table,
    ).map(({ name }) => name),
  );

const text = fc.string({ unit: 'grapheme' }).map((value) => value.replaceAll('\0', ''));

function anyValue(gen: fc.GeneratorValue, type: string): SQLInputValue {
  switch (type) {
    case 'TEXT':
      return gen(() => text);
    case 'REAL':
      return gen(() => fc.double({ noNaN: true }));
    case 'INTEGER':
      return gen(() => fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
    case 'BLOB':
      return gen(() => fc.uint8Array({ maxLength: 300 }));
    default:
      throw new Error(`a column of type ${type}`);
  }
}

/** A value that no other row has. */
function ownValue(gen: fc.GeneratorValue, type: string, i: number): SQLInputValue {
  return type === 'TEXT' ? `${i}-${gen(() => text)}` : BigInt(3 * i + 1);
}

/**
 * Puts rows of any values into every table, by what its columns take: tables of later versions, too.
 * @param rows of each table that may have more than one
 */
export function fill(path: string, gen: fc.GeneratorValue, rows: number): void {
  const database = new DatabaseSync(path);
  database.exec('BEGIN');
  for (const { name: table, columns, numbered } of sharedTables()) {
    const infos = asked<Column>(
      database,
      'SELECT name, type, "notnull", pk FROM pragma_table_info(:table)',
      table,
    );
    const parents = asked<{ from: string; table: string; to: string }>(
      database,
      'SELECT "from", "table", "to" FROM pragma_foreign_key_list(:table)',
      table,
    );
    const own = uniqueColumns(database, table);
    const insert = database.prepare(
      `INSERT INTO ${table} (${columns}) VALUES (${columns.map((column) => `:${column}`)})`,
    );
    const single = columns.includes('one');
    for (let i = 0; i < (single ? 1 : rows); i++) {
      const row: Row = {};
      for (const { name, type, notnull, pk } of infos) {
        const parent = parents.find(({ from }) => from === name);
        const nullable = !notnull && !pk;
        if (name === 'one') row[name] = 1;
        else if (table === 'cameras' && name === 'settings')
          row[name] = JSON.stringify(gen(fc.jsonValue));
        else if (nullable && gen(fc.boolean)) row[name] = null;
        else if (parent)
          row[name] = database
            .prepare(`SELECT ${parent.to} AS value FROM "${parent.table}" LIMIT 1 OFFSET :i`)
            .get({ i })!.value!;
        else row[name] = own.has(name) || pk ? ownValue(gen, type, i) : anyValue(gen, type);
      }
      insert.run(row);
    }
    // The last number was given to a row that is gone.
    if (numbered) database.exec(`DELETE FROM ${table} WHERE ${numbered} > ${3 * rows - 4}`);
  }
  database.exec('COMMIT');
  database.close();
}

/** All rows of a database in one order, the numbers that it gave last among them. */
export function contents(path: string): Record<string, readonly string[]> {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const names = [...sharedTables().map(({ name }) => name), 'sqlite_sequence'];
    return Object.fromEntries(
      names.map((name) => {
        const statement = database.prepare(`SELECT * FROM ${name}`);
        statement.setReadBigInts(true);
        return [name, linesOf(statement.all() as Row[])];
      }),
    );
  } finally {
    database.close();
  }
}

/** A line a row, which tells whole numbers, texts and bytes apart. */
export const linesOf = (rows: readonly Record<string, unknown>[]): string[] =>
  rows
    .map((row) =>
      Object.keys(row)
        .toSorted()
        .map((key) => `${key}=${lineOf(row[key])}`)
        .join(' '),
    )
    .toSorted();

function lineOf(value: unknown): string {
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`;
  if (typeof value === 'bigint') return `${value}n`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
