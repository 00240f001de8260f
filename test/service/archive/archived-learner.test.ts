import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { ArchivedFiles } from '../../../src/service/archive/archived-files.ts';
import { ArchivedLearner } from '../../../src/service/archive/archived-learner.ts';
import type { Learned, Learner, LearningJob } from '../../../src/service/parts.ts';
import { checkedModel } from '../camera/fakes.ts';
import { inventedCamera } from '../store/invented.ts';
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
  await fleet.clear();
  one.store.saveCamera(inventedCamera());
});

/** What a learner was given, with what its footage holds; it leaves a model and a picture. */
class WritingLearner implements Learner {
  readonly residentBytes = 7;
  readonly machine: Machine;
  readonly footage: string[][] = [];
  readonly checked: string[] = [];
  onLearned: () => void = () => undefined;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  async learn(job: LearningJob): Promise<Learned> {
    this.footage.push(await Promise.all(job.footage.map(({ path }) => readFile(path, 'utf8'))));
    for (const name of ['model.json', 'weights.safetensors'])
      await this.machine.write(`models/door/1/${name}`, name);
    await this.machine.write('odd/door/m.jpg', 'odd');
    this.onLearned();
    const odd = { id: 'm', camera: 'door', time: 1, score: 9 };
    return { model: checkedModel, heldOut: [], oddMinutes: [odd] };
  }

  async check(folder: string) {
    this.checked.push(await readFile(join(folder, 'model.json'), 'utf8'));
    return checkedModel;
  }

  async stop(): Promise<void> {}
}

async function learnerOn(machine: Machine) {
  const { folder, store, archive } = machine;
  const files = new ArchivedFiles(
    {
      ...{ folder, archive, archived: store.archive, rows: store },
      limits: () => ({ maxBytes: 1e9, nearMissDays: 14 }),
      logger: { warn: () => undefined },
      uploads: { wait: [20, 50] },
    },
    { onNotices: () => undefined },
  );
  await files.start();
  onTestFinished(() => files.stop());
  const inner = new WritingLearner(machine);
  return { inner, files, learner: new ArchivedLearner(inner, files) };
}

async function footage(machine: Machine, name: string, put: boolean): Promise<string> {
  const path = await machine.write(`footage/door/${name}`, name);
  one.store.addFootage('door', {
    path: join(one.folder, 'footage/door', name),
    from: 1,
    to: 2,
    frames: 1,
  });
  if (put) await machine.archive.put(path);
  return name;
}

function job(names: readonly string[]): LearningJob {
  return {
    camera: 'door',
    footage: names.map((name) => ({ path: join(two.folder, 'footage/door', name), from: 1 })),
    confirmed: [],
    out: join(two.folder, 'models/door/1'),
    learning: { collectMinutes: 1, trainMinutes: 1, preset: 'small' },
    alarmsPerDay: 1,
    oddFolder: join(two.folder, 'odd/door'),
  };
}

const never = () => new AbortController().signal;

test('footage comes from where it was recorded; what is nowhere is left out', async () => {
  const names = [
    await footage(one, 'archived.mp4', true),
    await footage(two, 'local.mp4', false),
    await footage(one, 'nowhere.mp4', false),
    await footage(one, 'damaged.mp4', true),
  ];
  await s3.damage(one.store.archive.content(join(one.folder, 'footage/door/damaged.mp4'))!.hash);
  const { learner, inner } = await learnerOn(two);
  await learner.learn(job(names), () => undefined, never());
  expect(inner.footage).toEqual([['archived.mp4', 'local.mp4']]);
  expect(learner.residentBytes).toBe(7);
});

test('a model and its odd pictures are in the archive before anybody knows of them', async () => {
  const { learner, inner } = await learnerOn(two);
  const added: string[] = [];
  const add = two.store.archive.add.bind(two.store.archive);
  const spied = vi.spyOn(two.store.archive, 'add').mockImplementation((path, ...rest) => {
    added.push(path.slice(two.folder.length + 1));
    return add(path, ...rest);
  });
  onTestFinished(() => spied.mockRestore());
  inner.onLearned = () => expect(added).toEqual([]);
  await learner.learn(job([]), () => undefined, never());
  expect(added).toEqual([
    'odd/door/m.jpg',
    'models/door/1/weights.safetensors',
    'models/door/1/model.json',
  ]);
  const other = await learnerOn(one);
  await other.learner.check(join(one.folder, 'models/door/1'));
  expect(other.inner.checked).toEqual(['model.json']);
  expect(await readFile(join(one.folder, 'models/door/1/weights.safetensors'), 'utf8')).toBe(
    'weights.safetensors',
  );
});

test('while S3 does not answer a learned model waits, and is known when it is back', async () => {
  const { learner, inner, files } = await learnerOn(two);
  inner.onLearned = () => void s3.stop();
  let known = false;
  const learned = learner
    .learn(job([]), () => undefined, never())
    .then(() => {
      known = true;
    });
  await vi.waitFor(() => expect(files.notices).toHaveLength(1), { timeout: 30_000 });
  expect(known).toBe(false);
  await s3.resume();
  await learned;
  expect(two.store.archive.content(join(two.folder, 'models/door/1/model.json'))).toBeDefined();
});

test('a learning that is ended while it waits ends at once', async () => {
  const { learner, inner } = await learnerOn(two);
  const end = new AbortController();
  inner.onLearned = () => void s3.stop().then(() => end.abort());
  onTestFinished(() => void s3.resume());
  await expect(learner.learn(job([]), () => undefined, end.signal)).rejects.toThrow('aborted');
});

test('a model of another place is checked as it is', async () => {
  const { learner, inner } = await learnerOn(two);
  const folder = join(one.folder, 'models/door/1');
  await one.write('models/door/1/model.json', 'elsewhere');
  await learner.check(folder);
  expect(inner.checked).toEqual(['elsewhere']);
  await expect(stat(join(two.folder, 'models'))).rejects.toThrow('ENOENT');
});
