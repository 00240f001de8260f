import { DatabaseSync } from 'node:sqlite';
import { migrations } from '../sqlite/migrations.ts';

/** A table that both engines have, with the same columns. */
export interface SharedTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** The column whose numbers the database gives, in order and never twice. */
  readonly numbered: string | undefined;
}

/** All of them at the newest version, those that others refer to first: read from the migrations. */
export function sharedTables(): readonly SharedTable[] {
  const database = new DatabaseSync(':memory:');
  try {
    for (const sql of Object.values(migrations)) database.exec(sql);
    const schema = database
      .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .all() as { name: string; sql: string }[];
    const tables = schema
      .filter(({ name }) => !name.startsWith('sqlite_'))
      .map(({ name, sql }) => {
        const columns = database
          .prepare('SELECT name, pk FROM pragma_table_info(:name)')
          .all({ name }) as { name: string; pk: number }[];
        const parents = database
          .prepare('SELECT DISTINCT "table" AS parent FROM pragma_foreign_key_list(:name)')
          .all({ name }) as { parent: string }[];
        return {
          name,
          columns: columns.map((column) => column.name),
          numbered: /\bAUTOINCREMENT\b/.test(sql) ? columns.find(({ pk }) => pk)?.name : undefined,
          parents: parents.map(({ parent }) => parent).filter((parent) => parent !== name),
        };
      });
    return parentsFirst(tables).map(({ name, columns, numbered }) => ({ name, columns, numbered }));
  } finally {
    database.close();
  }
}

function parentsFirst<Table extends { readonly name: string; readonly parents: readonly string[] }>(
  tables: readonly Table[],
): Table[] {
  const sorted: Table[] = [];
  const done = new Set<string>();
  while (sorted.length < tables.length) {
    const next = tables.filter(
      ({ name, parents }) => !done.has(name) && parents.every((parent) => done.has(parent)),
    );
    if (next.length === 0) throw new Error('tables refer to each other in a circle');
    for (const table of next) done.add(table.name);
    sorted.push(...next);
  }
  return sorted;
}
