import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import { StoredFiles } from '../../../src/service/files/stored-files.ts';
import { openStore } from '../../../src/service/store/sqlite/open-store.ts';
import { temporaryFolders } from '../../files/temporary-folder.ts';
import { inventedCamera, inventedEvent } from './invented.ts';

const temporary = temporaryFolders();
let folder: string;
let database: string;

/** A data folder with events, footage and their files. */
beforeEach(async () => {
  folder = join(await temporary(), 'data');
  database = join(folder, 'service.db');
  await addEvents(20);
});

async function addEvents(count: number): Promise<void> {
  const store = openStore(folder);
  if (store.cameras().length === 0) store.saveCamera(inventedCamera());
  for (let i = 0; i < count; i++) {
    const event = inventedEvent();
    store.addEvent(event, [{ url: 'http://a/', body: '{}' }]);
    for (const name of ['thumbnail.jpg', 'heatmap.png', 'clip.mp4'])
      await put(`events/${event.id}/${name}`);
    store.updateEvent(event.id, { thumbnail: true, clip: true });
    const path = `footage/door/${event.id}.mp4`;
    await put(path);
    store.addFootage('door', { path: join(folder, path), from: i, to: i + 1, frames: 1 });
    store.addScores('door', { from: i * 60_000, peaks: new Float32Array(60).fill(1) });
  }
  store.close();
}

async function put(path: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), path);
}

/** What the user's files hold, wherever they are: each holds the name it had at first. */
function contents(): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('service.'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .sort();
}

/** A start as the service does it. @returns the line of a refusal, or the notices */
async function start(): Promise<string> {
  let store: ReturnType<typeof openStore>;
  try {
    store = openStore(folder);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).not.toContain('\n');
    return (error as Error).message;
  }
  const files = new StoredFiles(
    { folder, rows: store, limits: () => ({ maxBytes: 1e9, nearMissDays: 14 }) },
    { onEvent: () => undefined, onRemoved: () => undefined, onNotices: () => undefined },
  );
  try {
    await files.start();
    return files.notices.join('\n');
  } finally {
    await files.stop();
    store.close();
  }
}

test('a service.db that lost all it held is refused, and no file goes', async () => {
  const before = contents();
  writeFileSync(database, '');
  expect(await start()).toContain('holds files, but service.db has no tables');
  rmSync(database);
  expect(await start()).toContain('holds files, but service.db has no tables');
  expect(() => statSync(database)).toThrow('ENOENT');
  expect(contents()).toEqual(before);
});

test('an empty service.db beside a log that holds changes is refused, and the log stays', async () => {
  for (const name of ['events', 'footage']) rmSync(join(folder, name), { recursive: true });
  writeFileSync(database, '');
  writeFileSync(`${database}-wal`, 'changes');
  expect(await start()).toContain('service.db-wal: holds changes, but service.db is empty');
  expect(readFileSync(`${database}-wal`, 'utf8')).toBe('changes');
});

test('an older copy of service.db moves the files of later events aside, and says so', async () => {
  copyFileSync(database, join(folder, 'service.copy'));
  await addEvents(30);
  const before = contents();
  copyFileSync(join(folder, 'service.copy'), database);
  expect(await start()).toContain('set-aside holds files of which service.db has no row');
  expect(contents()).toEqual(before);
  expect(readdirSync(join(folder, 'events')).length).toBe(20);
  rmSync(join(folder, 'set-aside'), { recursive: true });
  expect(await start()).toBe('');
});

test('what a service removed that was killed in between goes at the next start', async () => {
  const store = openStore(folder);
  const { events } = store.events({ limit: 100 });
  store.removeEvent(events[0]!.id);
  store.removeFootage(store.footage('door')[0]!.path);
  store.close();
  expect(await start()).toBe('');
  expect(contents().length).toBe(4 * 20 - 3 - 1);
  const again = openStore(folder);
  expect(again.removals().size).toBe(0);
  again.removeCamera('door');
  again.close();
  expect(await start()).toBe('');
  expect(contents()).toEqual([]);
});

test('damage anywhere is one line or no matter, and costs no file', async () => {
  const whole = readFileSync(database);
  const before = contents();
  const damage = fc.oneof(
    fc.record({ cutTo: fc.integer({ min: 0, max: whole.length - 1 }) }),
    fc.record({
      at: fc.integer({ min: 0, max: 110 }),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }),
    }),
    fc.record({
      at: fc.integer({ min: 0, max: whole.length - 1 }),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 5000 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(damage, async (how) => {
      const damaged = Buffer.from(whole);
      if ('bytes' in how) damaged.set(how.bytes.slice(0, whole.length - how.at), how.at);
      for (const end of ['-wal', '-shm']) rmSync(`${database}${end}`, { force: true });
      writeFileSync(database, 'cutTo' in how ? damaged.subarray(0, how.cutTo) : damaged);
      await start();
      expect(contents()).toEqual(before);
    }),
    { numRuns: 200 },
  );
}, 120_000);

test('a service.lock that is none is one line', async () => {
  writeFileSync(join(folder, 'service.lock'), 'x'.repeat(5000));
  expect(await start()).toContain('service.lock: is not a lock file of m2s2l; delete it');
});

test.each(['events', 'footage', 'service.db'])(
  'a plain file or a folder called %s is no hang',
  async (name) => {
    rmSync(join(folder, name), { recursive: true });
    if (name === 'service.db') await mkdir(join(folder, name));
    else writeFileSync(join(folder, name), 'mine');
    expect(await start()).toMatch(name === 'service.db' ? /is not a file/ : /^$/);
  },
);
