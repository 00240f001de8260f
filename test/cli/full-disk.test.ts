import { mkdir, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smallDisk } from '../files/full-disk.ts';
import { noise, writePicture } from '../video/footage.ts';
import { listing, m2s2l } from './command-line.ts';
import { quickTraining, sharedFolder, size, writeDataset } from './footage.ts';

const disk = smallDisk(64);

const title = disk ? 'a full disk' : 'a full disk (skipped: no permission to mount a small tmpfs)';

describe.skipIf(!disk)(title, { timeout: 60_000 }, () => {
  const folder = sharedFolder(async (cwd) => {
    await writeDataset(cwd);
    await m2s2l(['train', 'data', '--out', 'model', ...quickTraining], { cwd });
    await writeDownload(join(cwd, 'official'));
  });
  const on = (name: string) => join(disk!.folder, name);

  beforeAll(async () => {
    const { bavail, bsize } = await statfs(disk!.folder);
    // A page is left, so that a file can be begun but not finished.
    await writeFile(on('filler'), new Uint8Array((bavail - 1) * bsize));
  });
  afterAll(() => disk!.remove());

  const video = 'data/testing/videos/01.mp4';
  test.each<[string, () => string[]]>([
    ['train', () => ['train', 'data', '--out', on('new'), ...quickTraining]],
    ['eval --report', () => ['eval', 'model', 'data', '--report', on('new/report')]],
    ['score --jsonl', () => ['score', 'model', video, '--jsonl', on('new/scores.jsonl')]],
    ['score --overlay', () => ['score', 'model', video, '--overlay', on('new.mp4')]],
    ['export', () => ['export', 'model', on('new')]],
    ['import', () => ['import', 'ucsd', 'official', on('new')]],
  ])('ends %s with one line, and leaves nothing half-written', async (_, words) => {
    const before = await listing(disk!.folder);
    const { code, stderr } = await m2s2l(words(), { cwd: folder() });
    const said = stderr.split('\n').filter((line) => line.startsWith('m2s2l: '));
    expect(said).toEqual([expect.stringMatching(/new.*: the disk is full; free some space/)]);
    expect(stderr).not.toContain('    at ');
    expect(code).toBe(2);
    expect(await listing(disk!.folder)).toEqual(before);
  });

  test('ends reading with one line when it is the cache', async () => {
    const before = await listing(disk!.folder);
    const { code, stderr } = await m2s2l(['train', 'data', '--out', 'new', ...quickTraining], {
      cwd: folder(),
      env: { M2S2L_CACHE: on('cache') },
    });
    expect(stderr).toMatch(/^m2s2l: .*the disk is full; free some space/m);
    expect(code).toBe(2);
    const left = (await listing(disk!.folder)).filter((line) => !line.endsWith(' folder'));
    expect(left).toEqual(before);
  });
});

/** The least of an official UCSD download. */
async function writeDownload(official: string): Promise<void> {
  for (const clip of ['Train/Train001', 'Test/Test001']) {
    await mkdir(join(official, clip), { recursive: true });
    for (let i = 1; i <= 6; i++)
      await writePicture(join(official, clip, `00${i}.tif`), size, noise(size, i));
  }
  const truth = 'TestVideoFile = {};\nTestVideoFile{end+1}.gt_frame = [2:4];\n';
  await writeFile(join(official, 'Test/UCSDped2.m'), truth);
}
