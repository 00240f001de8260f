import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openScoringQueue } from '../../../src/service/jobs/scoring-queue.ts';
import { m2s2l } from '../../cli/command-line.ts';
import { sharedFolder, size, swinging } from '../../cli/footage.ts';
import { temporaryFolders } from '../../files/temporary-folder.ts';
import { CuttableLine } from '../../postgres/cuttable-line.ts';
import { type Databases, testDatabases } from '../../postgres/databases.ts';
import { writeVideo } from '../../video/footage.ts';
import { writeSmallModel } from '../inference/small-model.ts';

const runner = fileURLToPath(new URL('./runner.ts', import.meta.url));
const names = ['b.mp4', 'a.mp4', 'c.mp4'];

let databases: Databases;
beforeAll(async () => {
  databases = await testDatabases();
});
afterAll(() => databases.close());

/** A model and videos of different lengths, and what `score` says of them by itself. */
const shared = sharedFolder(async (folder) => {
  await writeSmallModel(join(folder, 'model'));
  await mkdir(join(folder, 'archive'));
  for (const [i, name] of names.entries())
    await writeVideo(
      join(folder, 'archive', name),
      size,
      swinging(60 + 40 * i, { from: 30, to: 40 }),
    );
  // Enough frames that a worker is in the middle of it for long.
  await writeVideo(join(folder, long), size, swinging(6000, { from: 300, to: 400 }));
  for (const [inputs, out] of [
    [archive, 'alone.jsonl'],
    [[long, archive[0]!], 'long.jsonl'],
  ] as const)
    expect(
      await m2s2l(['score', 'model', ...inputs, '--jsonl', out], { cwd: folder }),
    ).toMatchObject({ code: 0 });
});
const archive = names.map((name) => `archive/${name}`);
const long = 'archive/long.mp4';
const alone = (name = 'alone.jsonl') => readFile(join(shared(), name), 'utf8');

const temporary = temporaryFolders();
let address: string;
let files: string;
beforeEach(async () => {
  [address, files] = [await databases.create(), await temporary()];
});

interface Worker {
  readonly child: ChildProcess;
  /** What it logged so far. */
  log(): string;
}

function startWorker(): Worker {
  const child = spawn(process.execPath, [runner, address, files], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr!.setEncoding('utf8').on('data', (text) => (log += text));
  onTestFinished(async () => {
    const exited = child.exitCode ?? child.signalCode ?? once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  });
  return { child, log: () => log };
}

const score = (...words: string[]) =>
  m2s2l(['score', 'model', '--store', address, '--files', files, ...words], { cwd: shared() });

async function ask(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } catch (error) {
    // The queue may not have been made yet.
    if (/^(3F000|42P01)$/.test((error as { code?: string }).code ?? '')) return [];
    throw error;
  } finally {
    await client.end();
  }
}

const jobs = () =>
  ask(
    "SELECT id, state, retry_count, created_on FROM m2s2l_jobs.job WHERE name = 'scoring' ORDER BY id",
  );

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 200_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited long until ${what}`);
    await setTimeout(20);
  }
}

const scoresFiles = async () =>
  (await readdir(join(files, 'scores'), { recursive: true })).filter((name) =>
    name.endsWith('.jsonl'),
  );

/** A queue that tries again at once. */
async function impatientQueue(): Promise<void> {
  const queue = await openScoringQueue(address, () => undefined);
  await queue.updateQueue('scoring', { retryLimit: 1, retryDelay: 1, retryBackoff: false });
  await queue.stop();
}

test('two workers score an archive as score does alone, and again from what is there', {
  timeout: 300_000,
}, async () => {
  startWorker();
  startWorker();
  const first = await score(...archive, '--jsonl', join(files, 'out.jsonl'));
  expect(first).toMatchObject({ code: 0, stdout: '' });
  expect(first.stderr).toMatch(/^scoring 100 % .* 3 of 3 files, 0 under way$/m);
  expect(await readFile(join(files, 'out.jsonl'), 'utf8')).toBe(await alone());
  const done = await jobs();
  expect(done.map(({ state }) => state)).toEqual(['completed', 'completed', 'completed']);
  const again = await score(...archive, '-q');
  expect(again).toMatchObject({ code: 0, stderr: '', stdout: await alone() });
  expect(await jobs()).toEqual(done);
});

/** Whether a file of scores is begun, and far from whole. */
async function inTheMiddle(): Promise<boolean> {
  const names = await readdir(join(files, 'scores'), { recursive: true }).catch(() => []);
  const sizes = names
    .filter((name) => /\.jsonl\.\w+\.tmp$/.test(name))
    .map((name) =>
      stat(join(files, 'scores', name)).then(
        ({ size: bytes }) => bytes,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).some((bytes) => bytes > 0);
}

test('a worker that is killed in the middle loses nothing', { timeout: 400_000 }, async () => {
  const victim = startWorker();
  const running = score(long, archive[0]!, '--jsonl', join(files, 'out.jsonl'));
  await until('it scores', inTheMiddle);
  victim.child.kill('SIGKILL');
  await once(victim.child, 'exit');
  expect((await jobs()).filter(({ state }) => state === 'active')).toHaveLength(1);
  startWorker();
  startWorker();
  expect(await running).toMatchObject({ code: 0 });
  expect(await readFile(join(files, 'out.jsonl'), 'utf8')).toBe(await alone('long.jsonl'));
  const ended = await jobs();
  expect(ended.map(({ state }) => state)).toEqual(['completed', 'completed']);
  expect(ended.map(({ retry_count: tries }) => tries).toSorted()).toEqual([0, 1]);
  expect(await scoresFiles()).toHaveLength(2);
});

test('a worker that is ended hands its recording back at once', { timeout: 300_000 }, async () => {
  const first = startWorker();
  const running = score(long);
  await until('it scores', inTheMiddle);
  first.child.kill('SIGTERM');
  expect(await once(first.child, 'exit')).toEqual([0, null]);
  expect(first.log()).toContain('recording handed back');
  expect(await jobs()).toMatchObject([{ state: 'created' }]);
  startWorker();
  const { code, stdout } = await running;
  expect(code).toBe(0);
  expect(stdout.split('\n')).toHaveLength(6001);
});

test('a database that is away in the meantime loses nothing', { timeout: 400_000 }, async () => {
  const line = await CuttableLine.start(Number(new URL(address).port || 5432));
  onTestFinished(() => line.close());
  const behind = address;
  address = Object.assign(new URL(address), { host: `127.0.0.1:${line.port}` }).href;
  const worker = startWorker();
  const running = score(long);
  await until('it scores', inTheMiddle);
  line.cut();
  await until('it has scored', async () => (await scoresFiles()).length === 1);
  await until('it found that out', async () => worker.log().includes('queue of recordings'));
  line.restore();
  address = behind;
  const { code, stdout, stderr } = await running;
  expect(code).toBe(0);
  expect(stderr).toMatch(/^the queue cannot be asked \(.*\); it is tried again$/m);
  expect(stdout.split('\n')).toHaveLength(6001);
});

describe('a recording', () => {
  test('that cannot be scored is tried again, then one line, and the others are there', {
    timeout: 300_000,
  }, async () => {
    await impatientQueue();
    const [good] = archive as [string];
    const both = ['archive/broken.mp4', good];
    await writeFile(join(shared(), 'archive', 'broken.mp4'), 'no video');
    startWorker();
    const out = join(files, 'out.jsonl');
    const line = /^m2s2l: 1 of 2 files could not be scored, .*broken\.mp4: [^\n]*\n$/;
    const first = await score(...both, '-q', '--jsonl', out);
    expect(first).toMatchObject({ code: 2, stderr: expect.stringMatching(line) });
    const lines = (await alone()).split('\n').filter((text) => text.includes(good));
    expect(await readFile(out, 'utf8')).toBe(`${lines.join('\n')}\n`);
    const failed = (await jobs()).filter(({ state }) => state === 'failed');
    expect(failed).toMatchObject([{ retry_count: 1 }]);
    // Given again, it is tried again; the other one is not.
    const second = await score(...both, '-q');
    expect(second).toMatchObject({ code: 2, stderr: expect.stringMatching(line) });
    const later = await jobs();
    expect(later.find(({ state }) => state === 'failed')!.created_on).not.toEqual(
      failed[0]!.created_on,
    );
    expect(later).toHaveLength(2);
    // Mended, it is another recording, and the same command scores it.
    await copyFile(join(shared(), good), join(shared(), 'archive', 'broken.mp4'));
    expect(await score(...both, '-q')).toMatchObject({ code: 0 });
  });
});

describe('refused in one line is', () => {
  test.each([
    [
      'a store without the folder',
      ['--store', 'postgres://x/y', 'archive/a.mp4'],
      /--store: goes with --files/,
    ],
    ['a folder without the store', ['--files', '.', 'archive/a.mp4'], /--files: goes with --store/],
    [
      'a camera',
      ['--store', 'postgres://x/y', '--files', '.', 'rtsp://host/'],
      /workers score files alone/,
    ],
    [
      'an overlay',
      ['--store', 'postgres://x/y', '--files', '.', 'a.mp4', '--overlay', 'o.mp4'],
      /--overlay: is not for workers/,
    ],
    [
      'a folder that is none',
      ['--store', 'postgres://x/y', '--files', 'none', 'a.mp4'],
      /--files none: is no folder/,
    ],
    [
      'a video that is not there',
      ['--store', 'postgres://x/y', '--files', '.', 'a.mp4'],
      /a\.mp4: is not there/,
    ],
    [
      'a database that is not there',
      ['--store', 'postgres://127.0.0.1:1/y', '--files', '.', 'archive/a.mp4'],
      /^m2s2l: postgres:\/\/127.0.0.1:1\/y: has no queue/,
    ],
  ])('%s', async (_, words, line) => {
    const { code, stdout, stderr } = await m2s2l(['score', 'model', ...words], { cwd: shared() });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});
