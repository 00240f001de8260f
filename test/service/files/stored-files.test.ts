import { mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { AnomalyEvent } from '../../../src/service/contract/event.ts';
import { StoredFiles } from '../../../src/service/files/stored-files.ts';
import { type NewEvent, StoreFull } from '../../../src/service/parts.ts';
import type { SqlStore } from '../../../src/service/store/sql-store.ts';
import { openStore } from '../../../src/service/store/sqlite/open-store.ts';
import { smallDisk } from '../../files/full-disk.ts';
import { temporaryFolders } from '../../files/temporary-folder.ts';
import { inventedCamera, inventedEvent } from '../store/invented.ts';

const temporary = temporaryFolders();
const DAY = 24 * 3_600_000;
const until = (check: () => void | Promise<void>) =>
  vi.waitFor(check, { timeout: 30_000, interval: 20 });

let folder: string;
let store: SqlStore;
let limits: { maxBytes: number; nearMissDays: number };
let changed: AnomalyEvent[];
let removed: string[];

async function use(data: string): Promise<void> {
  folder = data;
  const opened = openStore(data);
  onTestFinished(() => opened.close());
  store = opened;
  store.saveCamera(inventedCamera());
  limits = { maxBytes: 1e9, nearMissDays: 14 };
  changed = [];
  removed = [];
}

beforeEach(async () => use(await temporary()));

async function started(look = 20): Promise<StoredFiles> {
  const files = new StoredFiles(
    { folder, rows: store, limits: () => limits, look },
    {
      onEvent: (event) => changed.push(event),
      onRemoved: ({ id }) => removed.push(id),
      onNotices: () => undefined,
    },
  );
  await files.start();
  onTestFinished(() => files.stop());
  return files;
}

async function put(path: string, bytes = 1000): Promise<void> {
  await mkdir(join(folder, path, '..'), { recursive: true });
  await writeFile(join(folder, path), new Uint8Array(bytes));
}

/** An event whose thumbnail, heatmap and clip have a thousand bytes each. */
async function eventWithFiles(id: string, start: number, change: Partial<NewEvent> = {}) {
  store.addEvent(inventedEvent({ id, start, ...change }), []);
  for (const name of ['thumbnail.jpg', 'heatmap.png', 'clip.mp4'])
    await put(`events/${id}/${name}`);
  store.updateEvent(id, { thumbnail: true, clip: true });
}

async function footage(camera: string, name: string, from: number): Promise<void> {
  const path = `footage/${camera}/${name}`;
  await put(path);
  store.addFootage(camera, { path: join(folder, path), from, to: from + 60, frames: 1 });
}

/** Everything under the events and the footage. */
async function listing(): Promise<string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  return all
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => /^(events|footage)/.test(path))
    .sort();
}

describe('after a service that was killed', () => {
  test('half-written files and those of nothing go, and no row says what is not there', async () => {
    await eventWithFiles('whole', 1);
    await eventWithFiles('lost', 2);
    await rm(join(folder, 'events/lost'), { recursive: true });
    await eventWithFiles('half', 3);
    await rm(join(folder, 'events/half/heatmap.png'));
    await put('events/half/clip.mp4.12345678.tmp');
    await put('events/nothing/clip.mp4');
    await footage('door', 'a.mp4', 1);
    await footage('door', 'gone.mp4', 2);
    await rm(join(folder, 'footage/door/gone.mp4'));
    await put('footage/door/b.mp4');
    await put('footage/door/c.mp4.12345678.tmp');
    await put('footage/yard/a.mp4');
    const files = await started();
    expect(await listing()).toEqual([
      'events/half/clip.mp4',
      'events/half/thumbnail.jpg',
      'events/whole/clip.mp4',
      'events/whole/heatmap.png',
      'events/whole/thumbnail.jpg',
      'footage/door/a.mp4',
    ]);
    expect(store.event('whole')).toMatchObject({ thumbnail: true, clip: true, clipMissing: null });
    expect(store.event('lost')).toMatchObject({
      thumbnail: false,
      clip: false,
      clipMissing: 'its file was lost',
    });
    expect(store.event('half')).toMatchObject({ thumbnail: false, clip: true });
    expect(store.footage('door').map(({ from }) => from)).toEqual([1]);
    expect(files.storage.bytes).toBe(6000);
  });

  test('a clip that was whole is found, though its row did not say so yet', async () => {
    await eventWithFiles('e', 1);
    store.updateEvent('e', { thumbnail: false, clip: false, clipMissing: 'not yet' });
    await started();
    expect(store.event('e')).toMatchObject({ thumbnail: true, clip: true, clipMissing: null });
  });
});

describe('over the limit', () => {
  test('the oldest clips go first, and their events stay', async () => {
    for (const [i, id] of ['c', 'a', 'b'].entries()) await eventWithFiles(id, i);
    limits.maxBytes = 7500;
    const files = await started();
    expect(store.event('c')).toMatchObject({ clip: false, clipMissing: 'made room' });
    expect(changed.map(({ id, clip }) => [id, clip])).toEqual([
      ['c', false],
      ['a', false],
    ]);
    expect(await listing()).toContain('events/b/clip.mp4');
    expect(files.storage.bytes).toBe(7000);
    expect(store.events({ limit: 9 }).total).toBe(3);
  });

  test('as files are written the oldest make room', async () => {
    limits.maxBytes = 6500;
    const files = await started();
    for (let i = 0; i < 5; i++) {
      await eventWithFiles(`e${i}`, i);
      files.eventWritten(`e${i}`);
    }
    await footage('door', 'f.mp4', 99);
    files.footageWritten(join(folder, 'footage/door/f.mp4'));
    // The clips went first, then the footage, then the oldest thumbnails.
    await until(async () =>
      expect(await listing()).toEqual([
        'events/e2/heatmap.png',
        'events/e2/thumbnail.jpg',
        'events/e3/heatmap.png',
        'events/e3/thumbnail.jpg',
        'events/e4/heatmap.png',
        'events/e4/thumbnail.jpg',
      ]),
    );
    expect(files.storage.bytes).toBe(6000);
  });

  test('what is kept goes last, however old it is', async () => {
    limits.maxBytes = 5500;
    const files = await started();
    await eventWithFiles('old', 0);
    store.updateEvent('old', { kept: true });
    for (let i = 1; i < 4; i++) await eventWithFiles(`e${i}`, i);
    for (const id of ['old', 'e1', 'e2', 'e3']) files.eventWritten(id);
    await until(async () =>
      expect(await listing()).toEqual([
        'events/e3/heatmap.png',
        'events/e3/thumbnail.jpg',
        'events/old/clip.mp4',
        'events/old/heatmap.png',
        'events/old/thumbnail.jpg',
      ]),
    );
  });

  test('footage makes room where it is more than a quarter, else old clips do', async () => {
    for (const [i, id] of ['a', 'b', 'c'].entries()) await eventWithFiles(id, i);
    for (let i = 0; i < 4; i++) await footage('door', `${i}.mp4`, 100 * i);
    limits.maxBytes = 10_000;
    await started();
    // 13 kB, of which 4 kB are footage: two files of it go, then the oldest clip.
    expect(store.footage('door').map(({ from }) => from)).toEqual([200, 300]);
    expect(store.event('a')).toMatchObject({ clip: false });
    expect(store.event('b')).toMatchObject({ clip: true });
  });

  test('footage of the last learning may go while new footage is collected', async () => {
    const { learning: settings } = inventedCamera().settings;
    const learned = { settings, span: { from: 0, to: 100 }, seconds: 60 };
    const learning = { settings, out: 'models/door/2', begun: 1000 };
    store.saveCamera(inventedCamera({ learned, learning }));
    await footage('door', 'last.mp4', 1);
    await footage('door', 'judged.mp4', 500);
    await footage('door', 'new.mp4', 1001);
    limits.maxBytes = 500;
    const files = await started();
    await until(() => expect(files.notices[0]).toContain('is being learned takes all'));
    expect(await listing()).toEqual(['footage/door/judged.mp4', 'footage/door/new.mp4']);
  });

  test('footage of a learning under way stays, whatever the limit; that is told', async () => {
    const learning = {
      settings: inventedCamera().settings.learning,
      out: 'models/yard/1',
      begun: 0,
    };
    store.saveCamera(inventedCamera({ id: 'yard', life: 'learning', learning }));
    await footage('yard', 'learning.mp4', 1);
    await footage('door', 'spare.mp4', 50);
    await eventWithFiles('old', 40);
    await eventWithFiles('new', 60);
    limits.maxBytes = 3500;
    const files = await started();
    // The clips, then the spare footage, then the old thumbnail.
    expect(await listing()).toEqual([
      'events/new/heatmap.png',
      'events/new/thumbnail.jpg',
      'footage/yard/learning.mp4',
    ]);
    expect(store.footage('door')).toEqual([]);
    expect(files.notices).toEqual([]);
    limits.maxBytes = 500;
    await until(() => expect(files.notices[0]).toContain('is being learned takes all'));
    expect(await listing()).toEqual(['footage/yard/learning.mp4']);
    limits.maxBytes = 5000;
    await until(() => expect(files.notices).toEqual([]));
  });
});

test('old near misses go with their files, but for those that were judged; old scores, too', async () => {
  const near = { kind: 'near miss' as const };
  const now = Date.now();
  await eventWithFiles('old', now - 15 * DAY, near);
  await eventWithFiles('judged', now - 15 * DAY, near);
  store.updateEvent('judged', { verdict: 'normal' });
  await eventWithFiles('young', now - 13 * DAY, near);
  await eventWithFiles('alarm', now - 15 * DAY);
  for (const age of [15, 13])
    store.addScores('door', { from: now - age * DAY, peaks: Float32Array.of(1) });
  const files = await started();
  expect(removed).toEqual(['old']);
  expect(store.events({ limit: 9 }).events.map(({ id }) => id)).toEqual([
    'young',
    'judged',
    'alarm',
  ]);
  expect((await listing()).some((path) => path.startsWith('events/old'))).toBe(false);
  expect(files.storage.bytes).toBe(9000);
  expect(store.scores('door', 0, now).length).toBe(1);
});

test('what is removed by hand counts no more', async () => {
  await eventWithFiles('e', 1);
  await footage('door', 'f.mp4', 1);
  const files = await started();
  expect(files.storage.bytes).toBe(4000);
  store.removeEvent('e');
  files.removeEvent('e');
  files.removeFootage(join(folder, 'footage/door/f.mp4'));
  await until(() => expect(files.storage.bytes).toBe(0));
  expect(await listing()).toEqual([]);
  expect(store.footage('door')).toEqual([]);
});

const possible = smallDisk(16);
await possible?.remove();
const title = possible
  ? 'a full disk'
  : 'a full disk (skipped: no permission to mount a small tmpfs)';

describe.skipIf(!possible)(title, () => {
  let disk: string;
  beforeEach(async () => {
    const { folder: mounted, remove } = smallDisk(60_000)!;
    onTestFinished(remove);
    disk = mounted;
    await use(join(disk, 'data'));
  });

  test('keeps clips from being made, says so, and both end when there is room', async () => {
    const files = await started();
    expect(files.noClips()).toBeUndefined();
    const filler = join(disk, 'filler');
    const { bavail, bsize } = await statfs(disk);
    await writeFile(filler, new Uint8Array((bavail - 10) * bsize));
    await until(() => expect(files.noClips()).toBe('the disk is nearly full'));
    await until(() => expect(files.notices[0]).toMatch(/^The disk is nearly full \(0 MB free\)/));
    await rm(filler);
    await until(() => expect(files.noClips()).toBeUndefined());
    await until(() => expect(files.notices).toEqual([]));
  });

  test('that is smaller than the limit is not filled to its end', async () => {
    const files = await started();
    const { bytes, maxBytes, diskFree } = files.storage;
    expect(bytes).toBe(0);
    expect(maxBytes).toBe(Math.floor(0.9 * diskFree!));
    const large = async (id: string, start: number) => {
      store.addEvent(inventedEvent({ id, start }), []);
      await put(`events/${id}/clip.mp4`, 14_000_000);
      store.updateEvent(id, { clip: true });
      files.eventWritten(id);
    };
    for (let i = 0; i < 8; i++) {
      await large(`e${i}`, i);
      await until(async () => expect((await listing()).length).toBeLessThan(4));
    }
    expect(store.event('e7')).toMatchObject({ clip: true });
    expect(store.event('e0')).toMatchObject({ clip: false, clipMissing: 'made room' });
  });

  test('makes room for the rows by the files that go', async () => {
    for (let i = 0; i < 5; i++) {
      await eventWithFiles(`e${i}`, i);
      await put(`events/e${i}/clip.mp4`, 400_000);
    }
    const files = await started(1e9);
    const { bavail, bsize } = await statfs(disk);
    await writeFile(join(disk, 'filler'), new Uint8Array(bavail * bsize));
    const fill = (body: string) => {
      for (let i = 0; ; i++) store.addEvent(inventedEvent({ start: i }), [{ url: 'u', body }]);
    };
    for (const body of ['x'.repeat(50_000), '']) expect(() => fill(body)).toThrow(StoreFull);
    expect(() => store.updateEvent('e0', { clip: false })).toThrow(StoreFull);
    limits.maxBytes = 500_000;
    files.eventWritten('e4');
    await until(() => expect(files.storage.bytes).toBeLessThan(500_000));
    for (let i = 0; i < 4; i++) expect(store.event(`e${i}`)).toMatchObject({ clip: false });
    expect(store.event('e4')).toMatchObject({ clip: true });
  });
});

test('after a clock was set back, what is old goes as before', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const now = Date.now();
  vi.setSystemTime(now + 400 * DAY);
  await started();
  vi.setSystemTime(now);
  store.addEvent(inventedEvent({ id: 'old', kind: 'near miss', start: now - 15 * DAY }), []);
  await until(() => expect(removed).toEqual(['old']));
});
