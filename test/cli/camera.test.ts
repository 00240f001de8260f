import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openVideo } from '../../src/video/open.ts';
import { writeSmallModel } from '../service/inference/small-model.ts';
import { jpeg, plain, temporaryFolders } from '../video/footage.ts';
import { httpCamera } from '../video/http-camera.ts';
import { listing, m2s2l } from './command-line.ts';

const temporaryFolder = temporaryFolders();
const size = { width: 64, height: 48 };
let camera: Awaited<ReturnType<typeof httpCamera>>;

beforeAll(async () => {
  const pictures = await Promise.all([40, 90, 140].map((value) => jpeg(size, plain(size, value))));
  camera = await httpCamera('plain', pictures);
});
afterAll(() => camera.close());

test('a camera is scored until Ctrl-C, and what was written by then is whole', async () => {
  const cwd = await temporaryFolder();
  await writeSmallModel(join(cwd, 'model'));
  const isScoring = async () =>
    (await listing(cwd)).some((line) => /scores\.jsonl\S* [1-9]\d*$/.test(line));
  const ended = await m2s2l(
    ['score', 'model', camera.url, '--fps', '20', '--jsonl', 'scores.jsonl', '--overlay', 'o.mp4'],
    { cwd, kill: async () => ((await isScoring()) ? 'SIGINT' : undefined) },
  );
  expect(ended).toMatchObject({ code: 0, stdout: '' });
  const lines = (await readFile(join(cwd, 'scores.jsonl'), 'utf8')).trimEnd().split('\n');
  const frames = lines.map((line) => JSON.parse(line).frame);
  expect(frames).toEqual(frames.map((_, i) => i));
  expect((await stat(join(cwd, 'o.mp4'))).size).toBeGreaterThan(0);
  let drawn = 0;
  for await (const _ of await openVideo(join(cwd, 'o.mp4'), { ...size, channels: 1 })) drawn += 1;
  expect(drawn).toBe(frames.length);
  expect((await listing(cwd)).filter((line) => line.includes('.tmp'))).toEqual([]);
}, 60_000);
