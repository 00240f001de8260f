import { createHash, randomBytes } from 'node:crypto';
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest';
import { ArchiveKeeper } from '../../../src/service/archive/archive-keeper.ts';
import { sweepObjects } from '../../../src/service/archive/object-sweep.ts';
import type { AnomalyEvent } from '../../../src/service/contract/event.ts';
import { inventedCamera, inventedEvent } from '../store/invented.ts';
import { Fleet, type Machine } from './fleet.ts';
import { S3Server } from './s3-server.ts';

let s3: S3Server;
let fleet: Fleet;
let one: Machine;
let two: Machine;

beforeAll(async () => {
  s3 = await S3Server.start();
  fleet = await Fleet.start();
  one = await fleet.machine();
  two = await fleet.machine();
});
afterAll(async () => {
  await fleet.end();
  await s3.end();
});

beforeEach(async () => {
  s3.before = undefined;
  await s3.clear();
  await fleet.clear();
  one.store.saveCamera(inventedCamera());
});

const sweep = () => sweepObjects(one.bucket, one.store.archive);
const hashOf = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');

/** A file of an event, put by a machine. */
async function clip(machine: Machine, id: string, data: Uint8Array): Promise<string> {
  if (!one.store.event(id)) {
    one.store.addEvent(inventedEvent({ id }), []);
    one.store.updateEvent(id, { clip: true, thumbnail: true });
  }
  return await machine.write(`events/${id}/clip.mp4`, data);
}

/** An object of a removed event, put so many hours ago. */
async function left(hours: number): Promise<{ readonly data: Uint8Array; readonly hash: string }> {
  const data = randomBytes(2000);
  await one.archive.put(await clip(one, 'gone', data));
  one.store.removeEvent('gone');
  await s3.age(hashOf(data), hours);
  return { data, hash: hashOf(data) };
}

describe('a sweep', () => {
  test('removes old objects that no row names, and nothing else', async () => {
    const { hash: old } = await left(25);
    const { hash: young } = await left(23);
    const named = randomBytes(100);
    await one.archive.put(await clip(one, 'kept', named));
    await s3.age(hashOf(named), 1000);
    expect(await sweep()).toBe(1);
    expect(await s3.objects()).not.toContain(old);
    expect(await s3.objects()).toEqual(expect.arrayContaining([young, hashOf(named)]));
    expect(await sweep()).toBe(0);
  });

  test('goes by the clock of the database, whatever that of this machine', async () => {
    const { hash } = await left(23);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 48 * 3_600_000 });
    onTestFinished(() => void vi.useRealTimers());
    vi.spyOn(one.bucket, 'written').mockResolvedValue(Date.now() - 71 * 3_600_000);
    vi.spyOn(one.bucket, 'list').mockImplementation(async function* () {
      yield [{ hash, written: Date.now() - 71 * 3_600_000 }];
    });
    onTestFinished(() => void vi.restoreAllMocks());
    expect(await sweep()).toBe(0);
  });

  test('leaves an object whose row comes before it is marked', async () => {
    const { data, hash } = await left(25);
    const file = await clip(two, 'again', data);
    const begin = one.store.archive.beginSweep.bind(one.store.archive);
    const marked = vi.spyOn(one.store.archive, 'beginSweep').mockImplementation((asked) => {
      // As a put that ended in between would have left it.
      two.store.archive.add(file, { hash, bytes: data.length }, two.store.archive.now());
      return begin(asked);
    });
    onTestFinished(() => marked.mockRestore());
    expect(await sweep()).toBe(0);
    expect(await s3.objects()).toContain(hash);
  });

  test('leaves an object that was put again since it was listed', async () => {
    const { data, hash } = await left(25);
    s3.before = async (method) => {
      if (method !== 'HEAD') return;
      s3.before = undefined;
      await s3.age(hash, 0);
    };
    expect(await sweep()).toBe(0);
    expect(await two.archive.put(await clip(two, 'again', data))).toBe('stored');
    expect(await s3.objects()).toContain(hash);
  });

  test('of an object that is put at the same time lets that be put again', async () => {
    const { data, hash } = await left(25);
    const file = await clip(two, 'again', data);
    const results: unknown[] = [];
    s3.before = async (method) => {
      if (method !== 'DELETE') return;
      s3.before = undefined;
      // Its object is there, and removed before anybody can have it.
      results.push(await two.archive.put(file).catch((error: Error) => error.message));
    };
    expect(await sweep()).toBe(1);
    expect(results).toEqual(['an old object of the same content is being removed']);
    expect(two.store.archive.content(file)).toBeUndefined();
    expect(await two.archive.put(file)).toBe('stored');
    expect(await s3.objects()).toContain(hash);
  });

  test('that ended between object and row of a put lets that be put again', async () => {
    const { data, hash } = await left(25);
    const file = await clip(two, 'again', data);
    const put = vi.spyOn(two.bucket, 'put').mockImplementationOnce(async () => {
      // The put reached S3 just before the object was removed.
      expect(await sweep()).toBe(1);
    });
    onTestFinished(() => put.mockRestore());
    await expect(two.archive.put(file)).rejects.toThrow('is being removed');
    expect(two.store.archive.content(file)).toBeUndefined();
    expect(await two.archive.put(file)).toBe('stored');
    expect(await s3.objects()).toContain(hash);
  });

  test('that was killed is taken up by a later one', async () => {
    const { hash } = await left(25);
    expect(one.store.archive.beginSweep(hash)).toBe(true);
    expect(one.store.archive.unfinishedSweeps(one.store.archive.now() + 1)).toEqual([hash]);
    const now = vi.spyOn(one.store.archive, 'now');
    now.mockImplementation(() => Date.now() + 2 * 3_600_000);
    onTestFinished(() => now.mockRestore());
    expect(await sweep()).toBe(1);
    expect(await s3.objects()).not.toContain(hash);
    expect(one.store.archive.unfinishedSweeps(Number.MAX_SAFE_INTEGER)).toEqual([]);
  });
});

describe('the keeper of an archive', () => {
  async function kept(limits: { maxBytes: number; nearMissDays: number }) {
    const changed: string[] = [];
    const removed: string[] = [];
    const keeper = new ArchiveKeeper(
      {
        bucket: one.bucket,
        archived: one.store.archive,
        rows: one.store,
        limits: () => limits,
        logger: { info: () => undefined, warn: () => undefined },
      },
      {
        onEvent: ({ id }: AnomalyEvent) => changed.push(id),
        onRemoved: ({ id }: AnomalyEvent) => removed.push(id),
      },
    );
    await keeper.look();
    return { changed, removed, storage: keeper.storage };
  }

  test('removes the oldest clips of all machines until its limit holds', async () => {
    for (const [i, machine] of [one, two, one, two].entries()) {
      one.store.addEvent(inventedEvent({ id: `e${i}`, start: Date.now() + i }), []);
      one.store.updateEvent(`e${i}`, { clip: true });
      await machine.archive.put(await clip(machine, `e${i}`, randomBytes(1000)));
    }
    const { changed, storage } = await kept({ maxBytes: 2500, nearMissDays: 14 });
    expect(changed).toEqual(['e0', 'e1']);
    expect(storage).toEqual({ bytes: 2000, maxBytes: 2500 });
    expect(one.store.event('e0')).toMatchObject({ clip: false, clipMissing: 'made room' });
    expect(one.store.event('e2')).toMatchObject({ clip: true });
  });

  test('removes near misses that are old', async () => {
    const old = Date.now() - 15 * 24 * 3_600_000;
    one.store.addEvent(inventedEvent({ id: 'old', kind: 'near miss', start: old }), []);
    one.store.addEvent(inventedEvent({ id: 'new', kind: 'near miss', start: Date.now() }), []);
    const { removed } = await kept({ maxBytes: 1e9, nearMissDays: 14 });
    expect(removed).toEqual(['old']);
    expect(one.store.event('new')).toBeDefined();
  });
});
