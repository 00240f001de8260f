import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { openVideo } from '../../src/video/open.ts';
import { openVideoWriter } from '../../src/video/write.ts';
import { collect, noise, plain, temporaryFolders } from './footage.ts';

const temporaryFolder = temporaryFolders();
const size = { width: 64, height: 48 };

test('a video stands under its name only when it is closed', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'deeper', 'a.mp4');
  const writer = await openVideoWriter(path, { ...size, fps: 25 });
  await writer.write(plain(size, 50));
  expect(await readdir(join(folder, 'deeper'))).not.toContain('a.mp4');
  await writer.close();
  expect(await readdir(join(folder, 'deeper'))).toEqual(['a.mp4']);
  await writer.abort();
  expect(await readdir(join(folder, 'deeper'))).toEqual(['a.mp4']);
  // The index is in front, so that a browser plays it while it loads.
  const bytes = await readFile(path);
  expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
  expect(bytes.includes('avc1')).toBe(true);
});

test('aborting leaves nothing, and what stood there before', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'a.mp4');
  await writeFile(path, 'before');
  const writer = await openVideoWriter(path, { ...size, fps: 25 });
  for (let i = 0; i < 5; i++) await writer.write(noise(size, i));
  await writer.abort();
  expect(await readdir(folder)).toEqual(['a.mp4']);
  expect(await readFile(path, 'utf8')).toBe('before');
  await expect(writer.write(plain(size, 1))).rejects.toThrow('closed');
});

test('frame rates with a fraction and odd sizes', async () => {
  const path = join(await temporaryFolder(), 'a.mp4');
  const odd = { width: 63, height: 47 };
  const writer = await openVideoWriter(path, { ...odd, fps: 29.97 });
  for (let i = 0; i < 40; i++) await writer.write(plain(odd, i * 6));
  await writer.close();
  const video = await openVideo(path, { width: 31, height: 23, channels: 1 });
  expect(video.source).toEqual({ width: 62, height: 46 });
  expect(video.fps).toBeCloseTo(29.97, 3);
  const frames = await collect(video);
  expect(frames.length).toBe(40);
  expect(frames[39]!.time).toBeCloseTo(39 / 29.97, 3);
  for (const { index, data } of frames) expect(Math.abs(data[100]! - index * 6)).toBeLessThan(4);
});

test('a place that may not be written is told, and a frame of a wrong size is a fault', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'file'), '');
  const inFile = openVideoWriter(join(folder, 'file', 'a.mp4'), { ...size, fps: 25 });
  await expect(inFile).rejects.toThrow(UserError);
  await mkdir(join(folder, 'out'));
  const writer = await openVideoWriter(join(folder, 'out', 'a.mp4'), { ...size, fps: 25 });
  await expect(writer.write(new Uint8Array(7))).rejects.toThrow('7 bytes');
  expect(await readdir(join(folder, 'out'))).toEqual([]);
});
