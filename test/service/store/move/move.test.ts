import { copyFile, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../../../src/errors.ts';
import { type Moved, moveStore } from '../../../../src/service/store/move/move-store.ts';
import { storeAddress } from '../../../../src/service/store/move/sides.ts';
import { sharedTables } from '../../../../src/service/store/move/tables.ts';
import { openPostgres } from '../../../../src/service/store/postgres/open-postgres.ts';
import { openStore } from '../../../../src/service/store/sqlite/open-store.ts';
import { temporaryFolders } from '../../../files/temporary-folder.ts';
import { type Databases, testDatabases } from '../../../postgres/databases.ts';
import { inventedCamera, inventedEvent } from '../invented.ts';
import { contents, fill, linesOf } from './filled.ts';

const temporary = temporaryFolders();
let databases: Databases;
beforeAll(async () => {
  databases = await testDatabases();
});
afterAll(() => databases.close());

interface Words {
  readonly files?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (what: string, share: number, details?: string) => void;
}

const move = (from: string, to: string, words: Words = {}): Promise<Moved> =>
  moveStore({
    from: storeAddress(from),
    to: storeAddress(to),
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...words,
  });

async function query(address: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const tablesIn = (address: string) =>
  query(address, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'");

/** A data folder with a camera, an event with its clip, and a message to be sent. */
async function dataFolder(): Promise<string> {
  const folder = join(await temporary(), 'data');
  const store = openStore(folder);
  store.saveCamera(inventedCamera({ model: join(folder, 'models', 'door', '1') }));
  store.addEvent(inventedEvent({ id: 'one' }), [{ url: 'http://localhost/', body: '{}' }]);
  store.close();
  await mkdir(join(folder, 'events', 'one'), { recursive: true });
  await writeFile(join(folder, 'events', 'one', 'clip.mp4'), 'a clip');
  await mkdir(join(folder, 'cache'));
  await writeFile(join(folder, 'cache', 'frames'), 'much');
  return folder;
}

test('every row of every table comes back as it was', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.gen(), fc.constantFrom(2, 30, 600), async (gen, rows) => {
      const [start, end] = [join(await temporary(), 'start'), join(await temporary(), 'end')];
      openStore(start).close();
      fill(join(start, 'service.db'), gen, rows);
      const before = contents(join(start, 'service.db'));
      const address = await databases.create();

      const there = await move(start, address);
      const back = await move(address, end);

      expect(contents(join(start, 'service.db'))).toEqual(before);
      expect(contents(join(end, 'service.db'))).toEqual(before);
      const counts = Object.fromEntries(
        sharedTables().map(({ name }) => [name, before[name]!.length]),
      );
      expect(Math.min(...Object.values(counts))).toBeGreaterThan(0);
      expect(there.rows).toEqual(counts);
      expect(back.rows).toEqual(counts);
    }),
    { numRuns: 4 },
  );
});

test('what was moved is served on: cameras, events, files, and numbers that go on', async () => {
  const folder = await dataFolder();
  const address = await databases.create();
  const { folder: files } = await move(folder, address);
  expect(files).toBe(folder);
  const store = openPostgres(address, folder);
  try {
    expect(store.cameras()).toEqual([
      inventedCamera({ model: join(folder, 'models', 'door', '1') }),
    ]);
    expect(store.event('one')).toMatchObject({ camera: 'door', cameraName: 'Front door' });
    store.addMessages([{ url: 'http://localhost/', body: '2' }]);
  } finally {
    store.close();
  }
  expect(await query(address, 'SELECT number FROM outbox ORDER BY number')).toEqual([
    { number: '1' },
    { number: '2' },
  ]);
  expect(await query(address, "SELECT subject FROM leases WHERE subject = 'door'")).toHaveLength(1);
});

test('a store of an older version is moved, and stays of that version', async () => {
  const folder = await temporary();
  const path = join(folder, 'service.db');
  await copyFile(join(import.meta.dirname, '../../../released/0.1.0/service.db'), path);
  const before = await readFile(path);
  const address = await databases.create();
  const { rows } = await move(folder, address);
  expect(rows).toMatchObject({ cameras: 1 });
  const store = openPostgres(address, folder);
  expect(store.cameras()).toMatchObject([{ id: 'yard', settings: { name: 'Yard' } }]);
  store.close();
  expect((await readFile(path)).equals(before)).toBe(true);
});

describe('files', () => {
  test('are copied where another folder is named, and only once', async () => {
    const folder = await dataFolder();
    await utimes(join(folder, 'events', 'one', 'clip.mp4'), 1000, 1000);
    const files = join(await temporary(), 'shared');
    const shares: number[] = [];
    const first = await move(folder, await databases.create(), {
      files,
      onProgress: (what, share) => void (what === 'files' && shares.push(share)),
    });
    expect(first).toMatchObject({ folder: files, copied: { count: 1, bytes: 6 } });
    expect(await readdir(files, { recursive: true })).toEqual([
      'events',
      'events/one',
      'events/one/clip.mp4',
    ]);
    expect(shares).toEqual([0, 1]);
    const again = await move(folder, await databases.create(), { files });
    expect(again.copied).toEqual({ count: 0, bytes: 0 });
    expect(await readFile(join(files, 'events', 'one', 'clip.mp4'), 'utf8')).toBe('a clip');
  });

  test('come back beside a data folder', async () => {
    const folder = await dataFolder();
    const address = await databases.create();
    await move(folder, address);
    const end = join(await temporary(), 'end');
    const { copied } = await move(address, end, { files: folder });
    expect(copied.count).toBe(1);
    const store = openStore(end);
    expect(store.cameras()[0]!.model).toBe(join(end, 'models', 'door', '1'));
    store.close();
    expect(await readFile(join(end, 'events', 'one', 'clip.mp4'), 'utf8')).toBe('a clip');
  });

  test('never replace others, and nothing is moved then', async () => {
    const folder = await dataFolder();
    const files = await temporary();
    await mkdir(join(files, 'events', 'one'), { recursive: true });
    await writeFile(join(files, 'events', 'one', 'clip.mp4'), 'something else');
    const address = await databases.create();
    await expect(move(folder, address, { files })).rejects.toThrow(/clip.mp4: is there already/);
    await expect(move(folder, address, { files: join(folder, 'shared') })).rejects.toThrow(
      /lies inside of/,
    );
    expect(await readFile(join(files, 'events', 'one', 'clip.mp4'), 'utf8')).toBe('something else');
    expect(await tablesIn(address)).toEqual([]);
  });
});

describe('refused in one line, with nothing moved, is', () => {
  let folder: string;
  let address: string;
  beforeEach(async () => {
    folder = await dataFolder();
    address = await databases.create();
  });

  async function refused(from: string, to: string): Promise<string> {
    const error = await move(from, to).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(UserError);
    const { message } = error as UserError;
    expect(message).not.toContain('\n');
    return message;
  }

  test('a target in PostgreSQL that holds rows', async () => {
    const other = openPostgres(address, folder);
    other.saveCamera(inventedCamera({ id: 'yard' }));
    other.close();
    expect(await refused(folder, address)).toMatch(/holds a store already \(rows in cameras\)/);
    expect(await query(address, 'SELECT id FROM cameras')).toEqual([{ id: 'yard' }]);
  });

  test('a target folder that holds rows', async () => {
    await move(folder, address);
    const end = await dataFolder();
    const before = contents(join(end, 'service.db'));
    expect(await refused(address, end)).toMatch(/holds a store already/);
    expect(contents(join(end, 'service.db'))).toEqual(before);
  });

  test('a folder that is served, as a source and as a target', async () => {
    const served = openStore(folder);
    expect(await refused(folder, address)).toMatch(/another m2s2l serves this data folder/);
    served.close();
    await move(folder, address);
    const end = join(await temporary(), 'end');
    const target = openStore(end);
    expect(await refused(address, end)).toMatch(/another m2s2l serves this data folder/);
    target.close();
  });

  test('a database with a live worker or a lease, but not with those that are over', async () => {
    await move(folder, address);
    const worker = (until: string) =>
      query(
        address,
        `INSERT INTO workers (id, name, kind, address, version, capacity, until)
         VALUES ('w', 'cellar', 'worker', '', '', 1, now() + interval '${until}')
         ON CONFLICT (id) DO UPDATE SET until = excluded.until`,
      );
    const end = join(await temporary(), 'end');
    await worker('1 hour');
    expect(await refused(address, end)).toMatch(/is served right now \(by cellar\)/);
    await worker('-1 second');
    await query(
      address,
      "UPDATE leases SET worker = 'attic', until = now() + interval '1 hour' WHERE subject = 'door'",
    );
    expect(await refused(address, end)).toMatch(/is served right now \(by attic\)/);
    expect(await readdir(dirname(end))).toEqual([]);
    await query(address, "UPDATE leases SET until = now() - interval '1 second'");
    await move(address, end);
  });

  test('a verdict that no worker has taken up', async () => {
    await move(folder, address);
    const store = openPostgres(address, folder);
    store.updateEvent('one', { verdict: 'normal' });
    store.close();
    const end = join(await temporary(), 'end');
    expect(await refused(address, end)).toMatch(/has 1 verdicts that no worker has taken up yet/);
    await query(address, 'DELETE FROM orders');
    await move(address, end);
  });

  test('a database whose files are in S3', async () => {
    await move(folder, address);
    await query(
      address,
      "INSERT INTO files (path, hash, bytes, camera, event) VALUES ('./a', 'h', 1, 'door', 'one')",
    );
    const end = join(await temporary(), 'end');
    expect(await refused(address, end)).toMatch(/has its files in S3/);
    expect(await readdir(dirname(end))).toEqual([]);
  });

  test('a store of a newer version', async () => {
    await move(folder, address);
    const newer = new DatabaseSync(join(folder, 'service.db'));
    newer.exec('PRAGMA user_version = 999');
    newer.close();
    await query(address, 'INSERT INTO m2s2l_version VALUES (999)');
    const [empty, end] = [await databases.create(), join(await temporary(), 'end')];
    expect(await refused(folder, empty)).toMatch(/newer m2s2l \(version 999 of the store/);
    expect(await refused(address, end)).toMatch(/newer m2s2l \(version 999 of the store/);
    expect(await tablesIn(empty)).toEqual([]);
    expect(await readdir(dirname(end))).toEqual([]);
  });

  test('a source that is missing', async () => {
    const missing = join(await temporary(), 'missing');
    expect(await refused(missing, address)).toMatch(/holds no store \(no service.db\)/);
    expect(await readdir(dirname(missing))).toEqual([]);
    expect(await refused(address, missing)).toMatch(/holds no store; give the database of one/);
    const absent = Object.assign(new URL(address), { pathname: '/absent' }).href;
    expect(await refused(absent, missing)).toMatch(/cannot be used \(database "absent" does not/);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    expect(await refused(`postgres://me:word@127.0.0.1:${port}/x`, missing)).toMatch(
      new RegExp(`^postgres://127.0.0.1:${port}/x: cannot be reached`),
    );
    expect(await readdir(dirname(missing))).toEqual([]);
  });

  test('the same store twice, and what is no store', async () => {
    expect(await refused(folder, `${folder}/../data`)).toMatch(/is the store that is to be moved/);
    expect(await refused(address, address)).toMatch(/is the store that is to be moved/);
    expect(() => storeAddress('mysql://me:word@host/x')).toThrow(/^mysql:\/\/host\/x: is no store/);
  });

  test('a row that the other engine does not take', async () => {
    const database = new DatabaseSync(join(folder, 'service.db'));
    database.prepare('UPDATE events SET note = :note').run({ note: 'a\0b' });
    database.close();
    expect(await refused(folder, address)).toMatch(/does not fit .*; nothing was moved$/);
    expect(await tablesIn(address)).toEqual([]);
    await move(await dataFolder(), address);
  });
});

test('an interrupt leaves nothing in the target', async () => {
  const folder = join(await temporary(), 'data');
  openStore(folder).close();
  fc.assert(
    fc.property(fc.gen(), (gen) => fill(join(folder, 'service.db'), gen, 900)),
    { numRuns: 1 },
  );
  const address = await databases.create();
  const interruption = new AbortController();
  const stopped = new Error('interrupted');
  const onProgress = (_: string, share: number) => {
    if (share > 0.5) interruption.abort(stopped);
  };
  const { signal } = interruption;
  await expect(move(folder, address, { signal, onProgress })).rejects.toBe(stopped);
  expect(await tablesIn(address)).toEqual([]);
});

test('rows can be told apart', () => {
  expect(linesOf([{ a: 1n }, { a: 1 }, { a: '1' }, { a: null }])).toEqual([
    'a="1"',
    'a=1',
    'a=1n',
    'a=null',
  ]);
});
