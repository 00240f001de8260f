import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { openVideo } from '../../src/video/open.ts';
import { openVideoWriter, type VideoWriterOptions } from '../../src/video/write.ts';
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

test('planes of a model, gray and in colour, nearly lossless, at their own times', async () => {
  const folder = await temporaryFolder();
  const pixels = size.width * size.height;
  const times = [0, 0.1, 0.15, 0.9, 1];
  for (const channels of [1, 3] as const) {
    const path = join(folder, `${channels}.mp4`);
    const options = { ...size, fps: 10, crf: 4, pixels: channels === 1 ? 'gray' : 'rgb planes' };
    const writer = await openVideoWriter(path, options as VideoWriterOptions);
    const frames = times.map((_, at) => {
      const planes = [30 + 40 * at, 200 - 30 * at, 90].slice(0, channels);
      return Uint8Array.from(
        { length: channels * pixels },
        (_, i) => planes[Math.floor(i / pixels)]!,
      );
    });
    for (const [at, frame] of frames.entries()) await writer.write(frame, times[at]);
    await writer.close();
    const read = await collect(await openVideo(path, { ...size, channels }));
    expect(read.length).toBe(times.length);
    for (const [at, { data, time }] of read.entries()) {
      expect(time).toBeCloseTo(times[at]!, 3);
      for (let plane = 0; plane < channels; plane++) {
        const middle = plane * pixels + pixels / 2;
        expect(Math.abs(data[middle]! - frames[at]![middle]!)).toBeLessThan(5);
      }
    }
  }
});

test('a time that does not rise is moved on a little', async () => {
  const path = join(await temporaryFolder(), 'a.mp4');
  const writer = await openVideoWriter(path, { ...size, fps: 10 });
  for (const seconds of [0, 0.5, 0.2, undefined, 1]) await writer.write(plain(size, 50), seconds);
  await writer.close();
  const times = (await collect(await openVideo(path, { ...size, channels: 1 }))).map(
    ({ time }) => time,
  );
  expect(times.map((time) => Math.round(time * 10) / 10)).toEqual([0, 0.5, 0.5, 0.6, 1]);
});
