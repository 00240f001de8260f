import { spawn } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expandInputs, outputPaths } from '../../src/cli/inputs.ts';
import { m2s2l } from './command-line.ts';
import { sharedFolder, testing, writeDataset } from './footage.ts';

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
    const program = join(import.meta.dirname, '../../bin/m2s2l.js');
    const words = [program, 'score', 'upcam-tiny', '-', '--quiet'];
    const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'pipe'] });
    createReadStream(join(folder(), 'a2.mp4')).pipe(child.stdin);
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    const code = await new Promise((resolve) => child.on('close', resolve));
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

test('an address is no pattern', async () => {
  expect(await expandInputs(['rtsp://camera/a?b=[1]'])).toEqual(['rtsp://camera/a?b=[1]']);
});

test('outputs are named after inputs', () => {
  expect(outputPaths(['x/a.mkv', 'frames/b', '-'], 'out', '.mp4')).toEqual(
    ['a', 'b', 'stdin'].map((name) => join('out', `${name}.mp4`)),
  );
});
