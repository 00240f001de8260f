import { workerData } from 'node:worker_threads';
import pg from 'pg';
import type { ConnectionOptions, Statement, StatementAnswer } from './messages.ts';

/**
 * One connection in a thread of its own: the thread that asks may wait for its answer without a loop of
 * events. Statements are answered in order; after a fault of the connection the next one opens another.
 */

const { address, patience, answers, port } = workerData as ConnectionOptions;
const count = new Int32Array(answers);

/** As SQLite has them: whole numbers as numbers, JSON as its text. */
const plainTypes = {
  getTypeParser(type: number, format?: 'text' | 'binary') {
    if (type === pg.types.builtins.INT8) return Number;
    if (type === pg.types.builtins.JSON || type === pg.types.builtins.JSONB) return String;
    return pg.types.getTypeParser(type, format);
  },
} as pg.CustomTypesConfig;

/** Statements are prepared once a connection; of those that are put together there may be ever more. */
const MOST_PREPARED = 300;
const names = new Map<string, string>();
let client: pg.Client | undefined;
/** What every connection begins with. */
let first: Statement | undefined;

async function connection(): Promise<pg.Client> {
  if (client) return client;
  const opening = new pg.Client({
    connectionString: address,
    connectionTimeoutMillis: patience,
    query_timeout: patience,
    statement_timeout: patience,
    keepAlive: true,
    application_name: 'm2s2l',
    types: plainTypes,
  });
  // A connection that ends while nobody asks is found by the next who does.
  opening.on('error', () => drop(opening));
  try {
    await opening.connect();
    if (first) await opening.query(first.text, [...first.values]);
  } catch (error) {
    drop(opening);
    throw error;
  }
  client = opening;
  return opening;
}

function drop(broken: pg.Client): void {
  if (client === broken) client = undefined;
  // It may not answer any more, so nobody waits for its goodbye.
  void broken.end().catch(() => undefined);
}

async function answer(statement: Statement): Promise<StatementAnswer> {
  const { number, text, values } = statement;
  let asked: pg.Client | undefined;
  if (statement.first) first = statement;
  try {
    asked = await connection();
    const name = names.get(text) ?? (names.size < MOST_PREPARED ? `s${names.size}` : undefined);
    if (name) names.set(text, name);
    const { rows, rowCount } = await asked.query({
      ...(name && { name }),
      text,
      values: [...values],
    });
    return { number, rows, changed: rowCount ?? 0 };
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    // Errors of statements have a SQLSTATE, and all but some classes leave the connection whole.
    const whole = error instanceof pg.DatabaseError && !/^(08|57P|58|XX)/.test(code ?? '');
    if (!whole && asked) drop(asked);
    return { number, fault: { message, code, disconnected: !whole } };
  }
}

let before: Promise<void> = Promise.resolve();
port.on('message', (statement: Statement) => {
  before = before.then(async () => {
    port.postMessage(await answer(statement));
    Atomics.add(count, 0, 1);
    Atomics.notify(count, 0);
  });
});
