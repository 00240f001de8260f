import type { Parameters, Value } from '../database.ts';

const parsed = new Map<string, { readonly text: string; readonly names: readonly string[] }>();

/** A statement with `$1` for `:name`, as PostgreSQL takes it, and its values in that order. */
export function numbered(
  sql: string,
  parameters: Parameters,
): { readonly text: string; readonly values: readonly Value[] } {
  let statement = parsed.get(sql);
  if (statement === undefined) {
    const names: string[] = [];
    const text = sql.replaceAll(/(?<![:\w]):([a-z]\w*)/gi, (_, name: string) => {
      if (!names.includes(name)) names.push(name);
      return `$${names.indexOf(name) + 1}`;
    });
    statement = { text, names };
    parsed.set(sql, statement);
  }
  return { text: statement.text, values: statement.names.map((name) => parameters[name] ?? null) };
}
