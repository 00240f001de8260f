import { readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import { openVideo } from '../../../src/video/open.ts';
import { smallDisk } from '../../files/full-disk.ts';
import { collect, jpeg, mean, noise, plain } from '../../video/footage.ts';
import { until } from './heard.ts';
import { format, watching } from './watched.ts';

const { atEnd, mjpegCamera, watched } = watching();

test('a thumbnail with its heatmap, and a clip at the pace of the pictures', async () => {
  const server = await mjpegCamera();
  server.interval = 200;
  const { decoder, heard, folder } = await watched(server.source);
  await until(() => heard.pictures.length >= 8, 'pictures');
  const time = heard.pictures[2]!.time;
  const out = join(folder, 'event');
  const heatmap = { width: 3, height: 1, data: new Uint8Array([0, 128, 255]) };
  await decoder.thumbnail(time + 3, heatmap, out);
  expect((await readdir(out)).sort()).toEqual(['heatmap.png', 'thumbnail.jpg']);
  const shown = await sharp(join(out, 'thumbnail.jpg')).raw().toBuffer();
  expect(mean(shown)).toBeCloseTo(mean(await sharp(heard.pictures[2]!.jpeg).raw().toBuffer()), 1);
  const drawn = await sharp(join(out, 'heatmap.png')).raw().toBuffer({ resolveWithObject: true });
  expect(drawn.info).toMatchObject({ width: 321, height: 107, channels: 4 });
  // Nothing on the left, a third on the right.
  expect([0, 320].map((x) => drawn.data[4 * x + 3])).toEqual([0, 85]);

  const from = heard.pictures[0]!.time;
  const path = join(out, 'clip.mp4');
  const until_ = Date.now() + 1000;
  await decoder.clip(from, until_, path);
  expect(Date.now()).toBeGreaterThanOrEqual(until_);
  const frames = await collect(await openVideo(path, { width: 64, height: 48, channels: 1 }));
  expect(frames.length).toBeGreaterThan(10);
  const kept = heard.pictures.filter((picture) => picture.time >= from && picture.time <= until_);
  expect(Math.abs(frames.length - kept.length)).toBeLessThanOrEqual(1);
  expect(frames.at(-1)!.time).toBeGreaterThan((until_ - from) / 1000 - 1);
  expect(frames.at(-1)!.time).toBeLessThanOrEqual((until_ - from) / 1000);

  const early = Date.now() - 3_600_000;
  await expect(decoder.thumbnail(early, heatmap, out)).rejects.toThrow(UserError);
  await expect(decoder.clip(early, early + 1000, join(out, 'b.mp4'))).rejects.toThrow(UserError);
  expect((await readdir(out)).length).toBe(3);
  await decoder.stop();
  await expect(decoder.clip(from, until_, join(out, 'b.mp4'))).rejects.toThrow(/does not run/);
});

test('a film begins in the past, goes on while it is written, and is gone with its process', async () => {
  const server = await mjpegCamera();
  server.interval = 100;
  const { decoder, heard, folder } = await watched(server.source);
  await until(() => heard.pictures.length >= 5, 'pictures');
  const from = heard.pictures[0]!.time;
  const path = join(folder, 'event', 'clip.mp4');
  const film = decoder.film(from, path);
  film.until(Date.now());
  const seen = heard.pictures.length;
  await until(() => heard.pictures.length >= seen + 5, 'more pictures');
  const to = Date.now();
  await film.end(to);
  const frames = await collect(await openVideo(path, { width: 64, height: 48, channels: 1 }));
  expect(frames.length).toBeGreaterThan(9);
  expect(frames.at(-1)!.time).toBeLessThanOrEqual((to - from) / 1000);
  const lost = decoder.film(from, path);
  await decoder.stop();
  await expect(lost.end(to)).rejects.toThrow(/pictures are gone/);
});

test('footage is nearly what the model sees; a break begins a new file, the end tells the last', async () => {
  const server = await mjpegCamera();
  const size = { width: 64, height: 48 };
  const pictures = await Promise.all([0, 1, 2].map((seed) => jpeg(size, noise(size, seed))));
  server.picture = async (index) => pictures[index % 3]!;
  const { decoder, heard, folder } = await watched(server.source);
  const footage = join(folder, 'footage');
  decoder.record(footage);
  await until(() => heard.frames.length >= 10, 'frames');
  server.drop();
  await until(() => heard.recorded.length === 1, 'the first file');
  const before = heard.frames.length;
  await until(() => heard.frames.length >= before + 5, 'frames after it');
  decoder.record(null);
  await until(() => heard.recorded.length === 2, 'the second file');
  await writeFile(join(footage, 'left-by-a-kill.mp4.tmp'), '');
  decoder.record(footage);
  await until(() => heard.frames.length >= before + 15, 'further frames');
  await decoder.stop();
  expect(heard.recorded.length).toBe(3);
  expect((await readdir(footage)).map((name) => join(footage, name))).toEqual(
    heard.recorded.map(({ path }) => path),
  );
  for (const { path, from, to, frames } of heard.recorded) {
    const begun = basename(path, '.mp4').replace(/-(\d+)-(\d+\.)/, ':$1:$2');
    expect(new Date(begun).getTime()).toBe(from);
    const read = await collect(await openVideo(path, format));
    const seen = heard.frames.filter(({ time }) => time >= from && time <= to);
    expect(read.length).toBe(frames);
    expect(seen.length).toBe(frames);
    read.forEach(({ data, time }, at) => {
      expect(mean(data.map((value, i) => Math.abs(value - seen[at]!.data[i]!)))).toBeLessThan(5);
      expect(time).toBeCloseTo((seen[at]!.time - from) / 1000, 1);
    });
  }
});

test('colour is recorded, too', async () => {
  const server = await mjpegCamera();
  const size = { width: 64, height: 48 };
  const red = await jpeg(size, plain(size, 200, 40, 30));
  server.picture = async () => red;
  const { decoder, heard, folder } = await watched(server.source);
  const colour = { width: 32, height: 24, channels: 3 } as const;
  decoder.setFormat(colour);
  decoder.record(join(folder, 'footage'));
  await until(
    () => heard.frames.filter(({ data }) => data.length === 3 * 32 * 24).length > 5,
    'frames',
  );
  await decoder.stop();
  const { data } = (await collect(await openVideo(heard.recorded.at(-1)!.path, colour)))[3]!;
  const planes = [0, 1, 2].map((plane) => mean(data.subarray(plane * 768, (plane + 1) * 768)));
  expect(planes.map((value, at) => Math.abs(value - [200, 40, 30][at]!) < 6)).toEqual([
    true,
    true,
    true,
  ]);
});

test('on a full disk recording stops with its reason, and frames go on', async (context) => {
  const disk = smallDisk(64);
  if (!disk) return context.skip('no permission to mount a small tmpfs');
  atEnd(async () => disk.remove());
  const server = await mjpegCamera();
  const size = { width: 128, height: 96 };
  const pictures = await Promise.all([0, 1, 2].map((seed) => jpeg(size, noise(size, seed))));
  server.picture = async (index) => pictures[index % 3]!;
  const { decoder, heard } = await watched(server.source, { fps: 30 });
  decoder.setFormat({ width: 128, height: 96, channels: 1 });
  decoder.record(join(disk.folder, 'footage'));
  await until(() => heard.recordingFailed.length > 0, 'the full disk');
  expect(heard.recordingFailed).toEqual([expect.stringContaining('the disk is full')]);
  const from = heard.frames.length;
  await until(() => heard.frames.length > from + 5, 'frames after it');
  await expect(decoder.clip(0, Date.now(), join(disk.folder, 'a.mp4'))).rejects.toThrow(
    'disk is full',
  );
  expect(heard.recorded).toEqual([]);
  expect(await readdir(join(disk.folder, 'footage'))).toEqual([]);
  expect(heard.offline).toEqual([]);
});
