import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
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
import {
  ArchivedFiles,
  type ArchivedFilesOptions,
} from '../../../src/service/archive/archived-files.ts';
import { inventedCamera, inventedEvent } from '../store/invented.ts';
import { Fleet, type Machine } from './fleet.ts';
import { S3Server } from './s3-server.ts';

const until = (check: () => void | Promise<void>) =>
  vi.waitFor(check, { timeout: 60_000, interval: 20 });

let s3: S3Server;
let fleet: Fleet;
let one: Machine;
let two: Machine;
let warnings: string[];

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
  warnings = [];
  one.store.saveCamera(inventedCamera());
});

async function started(
  { folder, store, archive }: Machine,
  change: Partial<ArchivedFilesOptions> = {},
): Promise<ArchivedFiles> {
  const files = new ArchivedFiles(
    {
      ...{ folder, archive, archived: store.archive, rows: store },
      limits: () => ({ maxBytes: 1e9, nearMissDays: 14 }),
      logger: {
        warn: (fields: object) => void warnings.push((fields as { reason: string }).reason),
      },
      look: 20,
      patience: 0,
      uploads: { wait: [20, 50] },
      ...change,
    },
    { onNotices: () => undefined },
  );
  await files.start();
  onTestFinished(() => files.stop());
  return files;
}

/** An event of the store, with these files in a machine's folder. */
async function event(id: string, machine: Machine, ...names: string[]): Promise<void> {
  one.store.addEvent(inventedEvent({ id }), []);
  one.store.updateEvent(id, { clip: true, thumbnail: true });
  for (const name of names) await machine.write(`events/${id}/${name}`);
}

const rowOf = (path: string) => one.store.archive.content(join(one.folder, path));
const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

describe('files of an event', () => {
  test('are put when they were written, and had on another machine when they are asked for', async () => {
    const writer = await started(one);
    const reader = await started(two);
    await event('e', one, 'thumbnail.jpg', 'heatmap.png');
    writer.eventWritten('e');
    await until(() => expect(rowOf('events/e/heatmap.png')).toBeDefined());
    await one.write('events/e/clip.mp4', 'clip');
    writer.eventWritten('e');
    await until(() => expect(rowOf('events/e/clip.mp4')).toBeDefined());
    const clip = reader.eventFile('e', 'clip');
    await reader.fetch(clip);
    expect(await readFile(clip, 'utf8')).toBe('clip');
    reader.removeEvent('e');
    await until(async () => expect(await isThere(dirname(clip))).toBe(false));
  });

  test('that are still on their way are waited for', async () => {
    await started(one);
    const reader = await started(two, { patience: 60_000 });
    await event('e', one, 'clip.mp4');
    const clip = reader.eventFile('e', 'clip');
    const fetched = reader.fetch(clip);
    await one.archive.put(join(one.folder, 'events/e/clip.mp4'));
    await fetched;
    expect(await isThere(clip)).toBe(true);
  });

  test('are not waited for longer than is said', async () => {
    const reader = await started(two, { patience: 60_000 });
    await event('e', one);
    const clip = reader.eventFile('e', 'clip');
    await reader.fetch(clip, 30);
    expect(await isThere(clip)).toBe(false);
  });

  test('that are damaged in S3 are said in one line, and are not there', async () => {
    await event('e', one, 'clip.mp4');
    await one.archive.put(join(one.folder, 'events/e/clip.mp4'));
    await s3.damage(rowOf('events/e/clip.mp4')!.hash);
    const reader = await started(two);
    await reader.fetch(reader.eventFile('e', 'clip'));
    expect(await isThere(reader.eventFile('e', 'clip'))).toBe(false);
    expect(reader.notices).toEqual([
      expect.stringMatching(/clip\.mp4: .* is damaged: .*not used$/),
    ]);
    expect(warnings).toEqual(reader.notices);
  });
});

describe('while S3 does not answer', () => {
  test('files wait, people are told, and all are put when it is back', async () => {
    const files = await started(one);
    await s3.stop();
    for (const id of ['e', 'f', 'g']) {
      await event(id, one, 'clip.mp4');
      files.eventWritten(id);
    }
    await until(() =>
      expect(files.notices).toEqual([
        expect.stringMatching(
          /^Files cannot be put into s3:\/\/fleet\/some\/where \(.*ECONNREFUSED.*\): 3 wait on this machine, and are tried again$/,
        ),
      ]),
    );
    expect(rowOf('events/e/clip.mp4')).toBeUndefined();
    await s3.resume();
    await until(() => {
      for (const id of ['e', 'f', 'g']) expect(rowOf(`events/${id}/clip.mp4`)).toBeDefined();
    });
    await until(() => expect(files.notices).toEqual([]));
  });

  test('no more than a number are remembered, and none is lost', async () => {
    const files = await started(one, { uploads: { wait: [20, 50], most: 2 } });
    await s3.stop();
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    for (const id of ids) {
      await event(id, one, 'clip.mp4');
      files.eventWritten(id);
    }
    await until(() => expect(files.notices).toHaveLength(1));
    // Those that are being put beside those that wait.
    expect(files.waiting).toBeLessThanOrEqual(2 + 4);
    await s3.resume();
    await until(() => {
      for (const id of ids) expect(rowOf(`events/${id}/clip.mp4`)).toBeDefined();
    });
  });

  test('what waited when the program was killed is put by the next', async () => {
    await event('e', one, 'clip.mp4', 'clip.mp4.0123abcd.tmp');
    await event('f', one, 'thumbnail.jpg', 'heatmap.png');
    const footage = await one.write('footage/door/a.mp4');
    one.store.addFootage('door', { path: footage, from: 1, to: 2, frames: 1 });
    await started(one, { footageAfter: 0 });
    await until(() => {
      for (const path of ['events/e/clip.mp4', 'events/f/heatmap.png', 'footage/door/a.mp4'])
        expect(rowOf(path)).toBeDefined();
    });
    expect(await isThere(join(one.folder, 'events/e/clip.mp4.0123abcd.tmp'))).toBe(false);
    expect(one.store.event('f')).toMatchObject({ thumbnail: true, clip: true });
  });
});

describe('files of nothing that is stored', () => {
  test('go after a day', async () => {
    const [old, young] = [
      await one.write('events/gone/clip.mp4'),
      await one.write('footage/door/a.mp4'),
    ];
    const before = Date.now() / 1000 - 25 * 3600;
    await utimes(old, before, before);
    await started(one, { footageAfter: 0 });
    await until(async () => expect(await isThere(dirname(old))).toBe(false));
    expect(await isThere(young)).toBe(true);
    expect(await s3.objects()).not.toContain(rowOf('events/gone/clip.mp4')?.hash);
  });

  test('are models that no camera has, and go after a day', async () => {
    const used = join(one.folder, 'models/door/2');
    one.store.saveCamera(inventedCamera({ model: used }));
    const before = Date.now() / 1000 - 25 * 3600;
    for (const number of [1, 2, 3]) {
      const file = await one.write(`models/door/${number}/model.json`);
      if (number < 3) await utimes(file, before, before);
    }
    await started(one);
    expect(await isThere(join(one.folder, 'models/door/1'))).toBe(false);
    expect(await isThere(used)).toBe(true);
    expect(await isThere(join(one.folder, 'models/door/3'))).toBe(true);
  });
});

describe('footage', () => {
  async function recorded(name: string): Promise<string> {
    const path = await one.write(`footage/door/${name}.mp4`);
    one.store.addFootage('door', { path, from: 1, to: 2, frames: 1 });
    return path;
  }

  test('that is dropped soon is never put; the rest is, at the latest when the program ends', async () => {
    const files = await started(one, { footageAfter: 3_600_000 });
    const dropped = await recorded('dropped');
    const kept = await recorded('kept');
    files.footageWritten(dropped);
    files.footageWritten(kept);
    files.removeFootage(dropped);
    await until(async () => expect(await isThere(dropped)).toBe(false));
    expect(one.store.archive.content(kept)).toBeUndefined();
    const before = (await s3.objects()).length;
    await files.stop();
    expect(one.store.archive.content(kept)).toBeDefined();
    expect((await s3.objects()).length).toBe(before + 1);
  });

  test('that is in the archive makes room on this machine, what was used last goes last', async () => {
    const paths = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(recorded));
    for (const [i, path] of paths.entries()) {
      if (i !== 1) await one.archive.put(path);
      const time = Date.now() / 1000 - 1000 + i;
      await utimes(path, time, time);
    }
    const files = new ArchivedFiles(
      {
        ...{ folder: one.folder, archive: one.archive, archived: one.store.archive },
        rows: one.store,
        // Two files of a thousand bytes, less a tenth.
        limits: () => ({ maxBytes: 3500, nearMissDays: 14 }),
        logger: { warn: () => undefined },
        footageAfter: 3_600_000,
      },
      { onNotices: () => undefined },
    );
    files.hold([paths[0]!]);
    await files.start();
    onTestFinished(() => files.stop());
    expect(await Promise.all(paths.map(isThere))).toEqual([true, true, false, false, true]);
    await files.fetch(paths[2]!);
    expect(await isThere(paths[2]!)).toBe(true);
  });
});

describe('a camera that moves to another machine', () => {
  const scene = 'scenes/door.json';

  test('has its scene and its model there', async () => {
    const files = await started(one);
    await files.take('door');
    await one.write(scene, 'learned');
    await until(() => expect(rowOf(scene)).toBeDefined());
    const model = join(one.folder, 'models/door/4');
    for (const name of ['weights.safetensors', 'night/model.json', 'model.json'])
      await one.write(`models/door/4/${name}`, name);
    await files.putLearned(
      { out: model, oddFolder: join(one.folder, 'odd/door') },
      [],
      new AbortController().signal,
    );
    one.store.saveCamera(inventedCamera({ model }));
    // From when it had the camera before.
    await two.write(scene, 'old');
    const other = await started(two);
    await other.take('door');
    expect(await readFile(join(two.folder, scene), 'utf8')).toBe('learned');
    for (const name of ['weights.safetensors', 'night/model.json', 'model.json'])
      expect(await readFile(join(two.folder, 'models/door/4', name), 'utf8')).toBe(name);
  });

  test('learns its scene again where that was to be', async () => {
    const files = await started(one);
    await files.take('door');
    await one.write(scene, 'learned');
    await until(() => expect(rowOf(scene)).toBeDefined());
    await rm(join(one.folder, scene));
    await until(() => expect(rowOf(scene)).toBeUndefined());
    await two.write(scene, 'old');
    await (await started(two)).take('door');
    expect(await isThere(join(two.folder, scene))).toBe(false);
  });

  test('is followed no more where it was', async () => {
    const files = await started(one);
    await files.take('door');
    files.release('door');
    await one.write(scene, 'late');
    await files.stop();
    expect(rowOf(scene)).toBeUndefined();
  });

  test('counts its models from the one in use, even where that cannot be had', async () => {
    const model = join(two.folder, 'models/door/7');
    one.store.saveCamera(inventedCamera({ model: join(one.folder, 'models/door/7') }));
    const file = await one.write('models/door/7/model.json');
    await one.archive.put(file);
    await s3.remove(rowOf('models/door/7/model.json')!.hash);
    await (await started(two)).take('door');
    expect(await isThere(model)).toBe(true);
    expect(warnings).toEqual([expect.stringMatching(/model\.json: .*is gone$/)]);
  });
});

test('a server adopts the data folder of one machine, and a worker does not', async () => {
  const model = join(one.folder, 'models/door/1');
  one.store.saveCamera(inventedCamera({ model }));
  await mkdir(model, { recursive: true });
  for (const path of ['scenes/door.json', 'odd/door/m.jpg', 'models/door/1/model.json'])
    await one.write(path);
  await writeFile(join(one.folder, 'models/door/1/weights.safetensors'), 'weights');
  const keeper = {
    start: () => undefined,
    stop: async () => undefined,
    storage: { bytes: 1, maxBytes: 2 },
  };
  await started(one);
  expect(rowOf('models/door/1/model.json')).toBeUndefined();
  const server = await started(one, { keeper: keeper as never });
  expect(server.storage).toMatchObject({ bytes: 1, maxBytes: 2 });
  await until(() => {
    for (const path of [
      'scenes/door.json',
      'odd/door/m.jpg',
      'models/door/1/model.json',
      'models/door/1/weights.safetensors',
    ])
      expect(rowOf(path)).toBeDefined();
  });
});
