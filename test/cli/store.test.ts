import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openPostgres } from '../../src/service/store/postgres/open-postgres.ts';
import { openStore } from '../../src/service/store/sqlite/open-store.ts';
import { temporaryFolders } from '../files/temporary-folder.ts';
import { type Databases, testDatabases } from '../postgres/databases.ts';
import { contents, fill } from '../service/store/move/filled.ts';
import { m2s2l } from './command-line.ts';

const temporary = temporaryFolders();
let databases: Databases;
beforeAll(async () => {
  databases = await testDatabases();
});
afterAll(() => databases.close());

/** A data folder with so many rows of every table. */
async function filled(rows: number): Promise<string> {
  const folder = join(await temporary(), 'data');
  openStore(folder).close();
  fc.assert(
    fc.property(fc.gen(), (gen) => fill(join(folder, 'service.db'), gen, rows)),
    { numRuns: 1 },
  );
  return folder;
}

test('store move goes there and back, and says what it moved', async () => {
  const folder = await filled(20);
  const cwd = await temporary();
  const address = await databases.create();
  const there = await m2s2l(['store', 'move', folder, address, '--json'], { cwd });
  expect(there.stderr).toMatch(/^moving rows 100 %/m);
  expect(there.code).toBe(0);
  const json = JSON.parse(there.stdout) as { rows: Record<string, number> };
  expect(Object.keys(json)).toEqual(['from', 'to', 'rows', 'folder', 'copied']);
  expect(json).toMatchObject({
    from: folder,
    to: expect.stringMatching(/^postgres:\/\/[^@]*$/),
    folder,
    rows: { cameras: 20, events: 20, chosen_profile: 1 },
    copied: { count: 0, bytes: 0 },
  });
  const back = await m2s2l(['store', 'move', address, 'end', '--files', folder, '-q'], { cwd });
  expect(back).toMatchObject({ code: 0, stderr: '' });
  expect(back.stdout).toMatch(/^Moved postgres:\S+ to end: 20 cameras, 20 events, \d+ rows in all/);
  expect(contents(join(cwd, 'end', 'service.db'))).toEqual(contents(join(folder, 'service.db')));
});

test('store move refuses in one line, with exit code 2', async () => {
  const cwd = await temporary();
  const address = await databases.create();
  for (const [words, line] of [
    [['missing', address], /^m2s2l: .*missing: holds no store/],
    [['missing', 'elsewhere', '--files', 'x'], /^m2s2l: --files: names the folder beside Postgre/],
    [['missing', address, '--files', 's3://x'], /^m2s2l: --files: files are moved from folder to/],
    [['missing'], /^m2s2l: missing required argument 'to'/],
  ] as const) {
    const { code, stdout, stderr } = await m2s2l(['store', 'move', ...words], { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd()).not.toContain('\n');
  }
});

test('a move to PostgreSQL that is killed leaves nothing there', async () => {
  const folder = await filled(20);
  const before = contents(join(folder, 'service.db'));
  const cwd = await temporary();
  const address = await databases.create();
  openPostgres(address, folder).close();
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  onTestFinished(() => client.end());
  // The last of its tables waits for the test.
  await client.query(`CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END $$`);
  await client.query(
    'CREATE TRIGGER wait BEFORE INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION wait()',
  );
  await client.query('SELECT pg_advisory_lock(1)');
  const waiting = `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  const { code } = await m2s2l(['store', 'move', folder, address], {
    cwd,
    kill: async () => ((await client.query(waiting)).rows.length > 0 ? 'SIGKILL' : undefined),
  });
  expect(code).toBeNull();
  await client.query('SELECT pg_advisory_unlock(1)');
  for (;;) {
    const others = await client.query(
      'SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    if (others.rows.length === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (const table of Object.keys(before).filter((name) => name !== 'sqlite_sequence'))
    expect((await client.query(`SELECT FROM ${table}`)).rows, table).toEqual([]);
  const again = await m2s2l(['store', 'move', folder, address], { cwd });
  expect(again).toMatchObject({ code: 0 });
});

test('a move to a data folder that is killed leaves nothing there', async () => {
  const folder = await filled(2500);
  const before = contents(join(folder, 'service.db'));
  const cwd = await temporary();
  const address = await databases.create();
  await m2s2l(['store', 'move', folder, address], { cwd });
  const end = join(cwd, 'end');
  const log = join(end, 'service.db-wal');
  const { code } = await m2s2l(['store', 'move', address, 'end'], {
    cwd,
    // Pages that do not fit into memory are written before the end.
    kill: async () => (existsSync(log) && (await stat(log)).size > 300_000 ? 'SIGKILL' : undefined),
  });
  const whole = JSON.stringify(contents(join(end, 'service.db'))) === JSON.stringify(before);
  if (whole) return expect(code).toBe(0);
  expect(code).toBeNull();
  const left = Object.values(contents(join(end, 'service.db'))).flat();
  expect(left).toEqual([]);
  const again = await m2s2l(['store', 'move', address, 'end'], { cwd });
  expect(again).toMatchObject({ code: 0 });
  expect(contents(join(end, 'service.db'))).toEqual(before);
});
