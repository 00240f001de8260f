import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
import { UserError } from '../../../src/errors.ts';
import { Bucket } from '../../../src/service/archive/bucket.ts';
import { LeaseLost, StoreUnreachable } from '../../../src/service/parts.ts';
import { inventedCamera, inventedEvent } from '../store/invented.ts';
import { Fleet, type Machine } from './fleet.ts';
import { S3Server } from './s3-server.ts';

const sha256 = (data: Uint8Array | string) => createHash('sha256').update(data).digest('hex');

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
  await fleet.clear();
  one.store.saveCamera(inventedCamera());
});

function event(id: string): void {
  one.store.addEvent(inventedEvent({ id }), []);
  one.store.updateEvent(id, { clip: true, thumbnail: true });
}

describe('a file', () => {
  test('that one machine puts is had by another, byte for byte', async () => {
    event('e');
    // Larger than the pieces in which it is read.
    const data = randomBytes(3_000_000);
    const file = await one.write('events/e/clip.mp4', data);
    expect(await one.archive.put(file)).toBe('stored');
    expect(one.store.archive.content(file)).toEqual({ hash: sha256(data), bytes: 3_000_000 });
    const other = join(two.folder, 'events/e/clip.mp4');
    expect(await two.archive.fetch(other)).toBe(true);
    expect(data.equals(await readFile(other))).toBe(true);
    expect(await readdir(dirname(other))).toEqual(['clip.mp4']);
  });

  test('is asked for once, and again only when it is another one', async () => {
    event('e');
    const file = await one.write('events/e/thumbnail.jpg', 'first');
    await one.archive.put(file);
    const other = join(two.folder, 'events/e/thumbnail.jpg');
    const asked: string[] = [];
    s3.before = async (method) => void asked.push(method);
    onTestFinished(() => {
      s3.before = undefined;
    });
    await Promise.all([two.archive.fetch(other), two.archive.fetch(other)]);
    await two.archive.fetch(other);
    expect(asked).toEqual(['GET']);
    await one.write('events/e/thumbnail.jpg', 'other');
    await one.archive.put(file);
    await two.archive.fetch(other);
    expect(await readFile(other, 'utf8')).toBe('other');
    expect(asked).toEqual(['GET', 'PUT', 'GET']);
  });

  test('without a row stays as it is, and one that is nowhere is not there', async () => {
    const file = await one.write('events/e/clip.mp4', 'local');
    expect(await one.archive.fetch(file)).toBe(true);
    expect(await readFile(file, 'utf8')).toBe('local');
    expect(await one.archive.fetch(join(one.folder, 'events/f/clip.mp4'))).toBe(false);
  });

  test.each([
    'events/none/clip.mp4',
    'footage/door/a.mp4',
    'models/yard/1/model.json',
    'service.json',
  ])('of nothing that is stored is not put: %s', async (path) => {
    const before = await s3.objects();
    expect(await one.archive.put(await one.write(path))).toBe('unwanted');
    expect(await s3.objects()).toEqual(before);
  });

  test('that is gone by its turn is left out', async () => {
    expect(await one.archive.put(join(one.folder, 'events/e/clip.mp4'))).toBe('gone');
  });

  test.each([
    ['events/e/clip.mp4', () => one.store.removeEvent('e')],
    ['events/e/clip.mp4', () => one.store.updateEvent('e', { clip: false })],
    ['events/e/heatmap.png', () => one.store.updateEvent('e', { thumbnail: false })],
    ['footage/door/a.mp4', () => one.store.removeFootage(join(one.folder, 'footage/door/a.mp4'))],
    ['models/door/1/model.json', () => one.store.removeCamera('door')],
    ['models/door/1/night/model.json', () => useModel('models/door/2')],
  ])('goes with what it is of: %s', async (path, remove) => {
    event('e');
    one.store.addFootage('door', {
      path: join(one.folder, 'footage/door/a.mp4'),
      from: 1,
      to: 2,
      frames: 1,
    });
    useModel('models/door/1');
    const file = await one.write(path);
    await one.archive.put(file);
    expect(one.store.archive.content(file)).toBeDefined();
    remove();
    expect(one.store.archive.content(file)).toBeUndefined();
  });

  test('of the model that comes into use stays', async () => {
    useModel('models/door/1');
    const file = await one.write('models/door/2/model.json');
    await one.archive.put(file);
    useModel('models/door/1');
    expect(one.store.archive.content(file)).toBeDefined();
    useModel('models/door/2');
    expect(one.store.archive.content(file)).toBeDefined();
  });

  function useModel(path: string): void {
    one.store.saveCamera(inventedCamera({ model: join(one.folder, path) }));
  }
});

describe('content', () => {
  test('that two machines put at once is one object with two rows', async () => {
    event('e');
    event('f');
    const content = randomBytes(5000);
    const before = (await s3.objects()).length;
    const files = await Promise.all([
      one.write('events/e/clip.mp4', content),
      two.write('events/f/clip.mp4', content),
    ]);
    expect(await Promise.all([one.archive.put(files[0]!), two.archive.put(files[1]!)])).toEqual([
      'stored',
      'stored',
    ]);
    expect((await s3.objects()).length).toBe(before + 1);
    expect([...one.store.archive.named([sha256(content)])]).toEqual([sha256(content)]);
    one.store.removeEvent('e');
    expect([...one.store.archive.named([sha256(content)])]).toEqual([sha256(content)]);
  });

  test.each([
    ['damaged', (hash: string) => s3.damage(hash), /content, s3:.*, is damaged: it has the hash/],
    ['lost', (hash: string) => s3.remove(hash), /content, s3:\/\/fleet\/some\/where\/.*, is gone/],
  ])('that is %s is said in one line, and nothing of it is used', async (_, harm, line) => {
    event('e');
    const file = await one.write('events/e/clip.mp4');
    await one.archive.put(file);
    await harm(one.store.archive.content(file)!.hash);
    const other = join(two.folder, 'events/e/clip.mp4');
    const error = await two.archive.fetch(other).catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toMatch(line);
    expect((error as Error).message).not.toContain('\n');
    await expect(stat(other)).rejects.toThrow('ENOENT');
  });
});

describe('a put that is broken off', () => {
  test('before its row leaves an object, and is whole when it is put again', async () => {
    event('e');
    const file = await one.write('events/e/clip.mp4');
    const add = vi.spyOn(one.store.archive, 'add').mockImplementationOnce(() => {
      throw new StoreUnreachable('killed');
    });
    onTestFinished(() => add.mockRestore());
    await expect(one.archive.put(file)).rejects.toThrow('killed');
    expect(await s3.objects()).toContain(sha256(await readFile(file)));
    expect(one.store.archive.content(file)).toBeUndefined();
    expect(await two.archive.fetch(join(two.folder, 'events/e/clip.mp4'))).toBe(false);
    expect(await one.archive.put(file)).toBe('stored');
    expect(await two.archive.fetch(join(two.folder, 'events/e/clip.mp4'))).toBe(true);
  });

  test('by S3 has no row', async () => {
    event('e');
    const file = await one.write('events/e/clip.mp4');
    await s3.stop();
    await expect(one.archive.put(file)).rejects.toThrow();
    await s3.resume();
    expect(one.store.archive.content(file)).toBeUndefined();
    expect(await one.archive.put(file)).toBe('stored');
  });
});

describe('a worker', () => {
  let worker: Awaited<ReturnType<Fleet['worker']>>;

  beforeAll(async () => {
    worker = await fleet.worker();
  });

  test.each(['models/door/1/model.json', 'scenes/door.json', 'odd/door/m.jpg'])(
    'with an old lease neither replaces nor removes what is the camera’s own: %s',
    async (path) => {
      const epoch = (number: number) => worker.writeUnder(new Map([['door', number]]));
      const file = await worker.write(path);
      epoch(0);
      expect(await worker.archive.put(file)).toBe('stored');
      const before = worker.store.archive.content(file);
      await worker.write(path, 'late');
      epoch(-1);
      await expect(worker.archive.put(file)).rejects.toThrow(LeaseLost);
      expect(() => worker.archive.remove(file)).toThrow(LeaseLost);
      expect(worker.store.archive.content(file)).toEqual(before);
      epoch(0);
      worker.archive.remove(file);
      expect(worker.store.archive.content(file)).toBeUndefined();
    },
  );

  test('without a lease any more still puts what it recorded under one', async () => {
    worker.writeUnder(new Map([['door', 0]]));
    worker.store.addEvent(inventedEvent({ id: 'e' }), []);
    worker.store.updateEvent('e', { clip: true });
    const footage = await worker.write('footage/door/a.mp4');
    worker.store.addFootage('door', { path: footage, from: 1, to: 2, frames: 1 });
    worker.writeUnder(new Map());
    expect(await worker.archive.put(await worker.write('events/e/clip.mp4'))).toBe('stored');
    expect(await worker.archive.put(footage)).toBe('stored');
  });
});

describe('opening', () => {
  test.each(['s3://', 's3://No_Bucket', 's3://user:secret@bucket', 's3://fleet?region=x'])(
    '%s is refused as no place',
    async (place) => {
      await expect(Bucket.open(place)).rejects.toThrow(/^s3:.*: is no place in S3; give s3:/);
    },
  );

  test('a bucket that is not there is refused', async () => {
    await expect(Bucket.open('s3://nowhere')).rejects.toThrow(
      's3://nowhere: there is no such bucket',
    );
  });

  test('one that does not answer is taken: it may come later', async () => {
    await s3.stop();
    onTestFinished(() => void s3.resume());
    const bucket = await Bucket.open('s3://fleet');
    bucket.close();
  });
});
