import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expandInputs, outputPaths } from '../../src/cli/inputs.ts';
import { m2s2l, readJson } from './command-line.ts';
import { quickTraining, sharedFolder, testing, writeDataset } from './footage.ts';

type Line = { readonly video?: string; readonly frame: number; readonly warmUp?: boolean };
const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

describe('score', () => {
  const folder = sharedFolder(async (cwd) => {
    await writeDataset(cwd);
    const video = join(cwd, 'data/testing/videos/01.mp4');
    for (const name of ['a2.mp4', 'a10.mp4', 'a[1].mp4']) await copyFile(video, join(cwd, name));
  });
  const run = (...words: string[]) => m2s2l(['score', 'upcam-tiny', ...words], { cwd: folder() });

  test('takes patterns and several inputs, in natural order, each line naming its own', async () => {
    const { code, stdout } = await run('a[0-9]*.mp4', 'a[1].mp4', '--quiet');
    expect(code).toBe(0);
    const scored = lines(stdout);
    expect(scored.map(({ video }) => video)).toEqual(
      ['a2.mp4', 'a10.mp4', 'a[1].mp4'].flatMap((name) => Array(testing.frames).fill(name)),
    );
    expect(scored.filter(({ frame }) => frame === 0).every(({ warmUp }) => warmUp)).toBe(true);
    expect(scored.filter(({ frame }) => frame === 40).some(({ warmUp }) => warmUp)).toBe(false);
  });

  test('writes one overlay for each input into a folder', async () => {
    const { code } = await run('a2.mp4', 'a10.mp4', '--overlay', 'drawn', '--quiet');
    expect(code).toBe(0);
    for (const name of ['a2.mp4', 'a10.mp4'])
      expect(existsSync(join(folder(), 'drawn', name))).toBe(true);
  });

  test('reads a video on standard input', async () => {
    const words = ['score', 'upcam-tiny', '-', '--quiet'];
    const stdin = join(folder(), 'a2.mp4');
    const { code, stdout, stderr } = await m2s2l(words, { cwd: folder(), stdin });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(lines(stdout).length).toBe(testing.frames);
  });

  test.each<[string[], RegExp]>([
    [['none*.mp4'], /none\*\.mp4: matches no file/],
    [['-'], /-: nothing came on standard input/],
    [['-', '-'], /-: standard input can be read only once/],
    [
      ['a2.mp4', 'a10.mp4', '--overlay', 'x.mp4'],
      /x\.mp4: is one file for 2 inputs; give a folder/,
    ],
    [['a2.mp4', 'a2.mp4', '--overlay', 'x'], /x.a2\.mp4: two inputs would be written there/],
  ])('%j is one line and exit code 2', async (words, line) => {
    const { code, stdout, stderr } = await run(...words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd().split('\n').length).toBe(1);
  });
});

describe('footage', { timeout: 400_000 }, () => {
  const folder = sharedFolder(async (cwd) => {
    await writeDataset(cwd);
    const videos = join(cwd, 'data/training/videos');
    for (const name of ['day 1.mp4', 'day 2.mp4'])
      await copyFile(join(videos, '01.mp4'), join(cwd, name));
    const words = ['train', 'day*.mp4', 'data', '--out', 'model', ...quickTraining];
    const { code, stderr } = await m2s2l(words, { cwd });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toContain("eval model 'day*.mp4' data");
  });
  const run = (...words: string[]) => m2s2l(words, { cwd: folder() });

  test('of several inputs and patterns is learned as one, and calibrates an int8 model', async () => {
    const { provenance } = await readJson<{ provenance: { clips: number } }>(
      join(folder(), 'model', 'model.json'),
    );
    expect(provenance.clips).toBe(4);
    const words = ['model', 'day*.mp4', 'data', 'int8', '--json', '--quiet'];
    const { code, stdout } = await run('quantise', ...words);
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, model: 'int8' });
  });

  test('is evaluated, inspected and rehearsed so', async () => {
    const evaluated = await run('eval', 'model', 'day*.mp4', 'data', '--json', '--quiet');
    expect(JSON.parse(evaluated.stdout)).toMatchObject({
      dataset: 'day 1, day 2, data',
      frames: testing.frames,
    });
    const inspected = await run('inspect', 'model', 'day*.mp4', '--frames', '4', '--json');
    expect(JSON.parse(inspected.stdout)).toMatchObject({ dataset: 'day 1, day 2', frames: 4 });
    const rehearsed = await run('rehearse', 'model', 'day*.mp4', '--json', '--quiet');
    expect(JSON.parse(rehearsed.stdout).hours).toBeCloseTo(160 / 10 / 3600, 6);
    expect(rehearsed.stderr).toBe('');
  });

  test('comes on standard input', async () => {
    const video = join(folder(), 'day 1.mp4');
    const words = ['rehearse', 'model', '-', '--json', '--quiet'];
    const { code, stdout, stderr } = await m2s2l(words, { cwd: folder(), stdin: video });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout).hours).toBeGreaterThan(0);
  });

  test.each<[string[], RegExp]>([
    [['train', 'none*.mp4', '--out', 'x'], /none\*\.mp4: matches no file/],
    [['train', 'rtsp://192.0.2.1/a', '--out', 'x'], /footage has no end; record it/],
    [['eval', 'model', 'data', 'data'], /data: is given twice/],
    [['inspect', 'model', '-'], /-: nothing came on standard input/],
    [['rehearse', 'model', 'http://192.0.2.1/a.mjpeg'], /footage has no end; record it/],
    [['quantise', 'model', 'int8'], /give what the model was trained on, and then/],
  ])('%j is one line and exit code 2', async (words, line) => {
    const { code, stdout, stderr } = await run(...words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd().split('\n').length).toBe(1);
    expect(existsSync(join(folder(), 'x'))).toBe(false);
  });
});

test('an address is no pattern', async () => {
  expect(await expandInputs(['rtsp://camera/a?b=[1]'])).toEqual(['rtsp://camera/a?b=[1]']);
});

test('outputs are named after inputs', () => {
  expect(outputPaths(['x/a.mkv', 'frames/b', '-'], 'out', '.mp4')).toEqual(
    ['a', 'b', 'stdin'].map((name) => join('out', `${name}.mp4`)),
  );
});
