import { rmSync } from 'node:fs';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import type { SqlStore } from '../../../src/service/store/sql-store.ts';
import { migrations, newestVersion } from '../../../src/service/store/sqlite/migrations.ts';
import { openStore } from '../../../src/service/store/sqlite/open-store.ts';
import { temporaryFolders } from '../../files/temporary-folder.ts';
import { inventedCamera } from './invented.ts';

const temporary = temporaryFolders();
let folder: string;
let store: SqlStore;

beforeEach(async () => {
  folder = join(await temporary(), 'data');
  store = openStore(folder);
  onTestFinished(() => store.close());
});

/** What another run of the service finds. */
function reopen(): SqlStore {
  store.close();
  store = openStore(folder);
  return store;
}

test('events in their tens of thousands are read by index, never sorted', () => {
  store.close();
  const database = new DatabaseSync(join(folder, 'service.db'));
  const plan = (sql: string) =>
    database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => detail)
      .join('; ');
  const page = (where: string) =>
    `SELECT events.* FROM events JOIN cameras ON cameras.id = events.camera
     WHERE ${where} ORDER BY started DESC, events.id DESC LIMIT 50`;
  for (const where of [
    '1',
    '(started, events.id) < (1, 2)',
    'camera = 1 AND (started, events.id) < (1, 2)',
    "kind = 'alarm' AND started > 5",
    "verdict = 'open'",
  ]) {
    expect(plan(page(where)), where).toContain('USING INDEX events_by_');
    expect(plan(page(where)), where).not.toContain('TEMP B-TREE');
  }
  database.close();
  store = openStore(folder);
});

test('a long outbox is read by index, never whole', () => {
  const all = vi.spyOn(DatabaseSync.prototype, 'prepare');
  onTestFinished(() => all.mockRestore());
  store.addMessages([{ url: 'a', body: '0' }]);
  store.outbox(Date.now(), 9);
  store.outboxState();
  const asked = all.mock.calls.map(([sql]) => sql).filter((sql) => /SELECT.*outbox/s.test(sql));
  expect(asked.length).toBe(5);
  store.close();
  const database = new DatabaseSync(join(folder, 'service.db'));
  for (const sql of asked) {
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
    const details = plan.map(({ detail }) => String(detail)).join('; ');
    expect(details, sql).not.toContain('TEMP B-TREE');
    if (!sql.includes('count(*)') && !sql.includes('ORDER BY number'))
      expect(details, sql).not.toMatch(/SCAN outbox$|SCAN outbox;/);
  }
  database.close();
  store = openStore(folder);
});

describe('opening', () => {
  const refused = (why: string) => {
    expect(() => openStore(folder)).toThrow(UserError);
    expect(() => openStore(folder)).toThrow(why);
  };

  test('keeps the folder for one, until it is closed', () => {
    refused('another m2s2l serves this data folder');
    reopen();
  });

  test('lets nobody else read what is in it', async () => {
    expect((await stat(folder)).mode & 0o077).toBe(0);
    expect((await stat(join(folder, 'service.db'))).mode & 0o077).toBe(0);
  });

  test.each(['events', 'footage'])(
    'refuses a folder that holds %s of somebody else',
    async (name) => {
      store.close();
      folder = join(folder, '..', 'mine');
      const mine = join(folder, name, 'yard.mp4');
      await mkdir(dirname(mine), { recursive: true });
      await writeFile(mine, '');
      refused('holds files, but service.db has no tables; put a copy');
      await rm(mine);
      store = openStore(folder);
      await writeFile(mine, '');
      reopen();
    },
  );

  test('takes up a folder of the version before: its cameras go on calling at once', () => {
    store.close();
    const path = join(folder, 'service.db');
    for (const file of [path, `${path}-wal`, `${path}-shm`]) rmSync(file, { force: true });
    const { id, settings } = inventedCamera();
    const database = new DatabaseSync(path);
    for (const number of [1, 2]) database.exec(migrations[number]!);
    database
      .prepare(`INSERT INTO cameras (id, settings, life, resumed, created)
        VALUES (?, json_remove(?, '$.budget.call', '$.budget.grouping'), 'watching', 'watching', 1)`)
      .run(id, JSON.stringify(settings));
    database.exec(`PRAGMA application_id = ${0x6d327332}; PRAGMA user_version = 2;`);
    database.close();
    store = openStore(folder);
    expect(store.cameras()[0]!.settings.budget).toEqual({
      alarmsPerDay: 4,
      call: 'always',
      grouping: 60,
    });
    expect(store.keeper('door')).toBeUndefined();
  });

  test('refuses what is not a database, damaged, newer, or of another program', async () => {
    store.close();
    const path = join(folder, 'service.db');
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    database.close();
    refused(
      `was written by a newer m2s2l (version 99 of the store, this one knows ${newestVersion}); update`,
    );
    await writeFile(path, 'text '.repeat(2000));
    refused('is not a database');
    await writeFile(path, '');
    const other = new DatabaseSync(path);
    other.exec('CREATE TABLE recipes (name)');
    other.close();
    refused('is a database of another program');
    await writeFile(join(folder, 'file'), '');
    folder = join(folder, 'file');
    refused('a file stands where a folder is needed');
    folder = join(folder, '..', 'new');
    store = openStore(folder);
  });
});
