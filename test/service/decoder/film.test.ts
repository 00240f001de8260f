import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import { Film } from '../../../src/service/decoder/film.ts';
import { KeptPictures } from '../../../src/service/decoder/kept-pictures.ts';
import { openVideo } from '../../../src/video/open.ts';
import { collect, jpeg, mean, plain, temporaryFolders } from '../../video/footage.ts';

const folder = temporaryFolders();
const size = { width: 64, height: 48 };
const start = 1_000_000;

test('a film is longer than pictures are kept, at their pace, without one twice or missing', async () => {
  const pictures = new KeptPictures(1000);
  const path = join(await folder(), 'clip.mp4');
  const film = new Film(pictures, start + 500, path);
  for (let i = 0; i < 60; i++) {
    pictures.add({ time: start + 100 * i, jpeg: await jpeg(size, plain(size, 4 * i)) });
    if (i % 8 === 7) await film.until(start + 100 * i);
  }
  // Asked for again, and for less than is written: nothing happens.
  await film.until(start + 3000);
  expect(pictures.between(0, Number.POSITIVE_INFINITY).length).toBeLessThanOrEqual(11);
  await film.end(start + 5900);
  const frames = await collect(await openVideo(path, { ...size, channels: 1 }));
  expect(frames).toHaveLength(55);
  for (const [i, { data, time }] of frames.entries()) {
    expect(time).toBeCloseTo(i / 10, 2);
    expect(Math.abs(mean(data) - 4 * (i + 5))).toBeLessThan(6);
  }
});

test('a film of no picture leaves nothing, and says so in one line', async () => {
  const at = await folder();
  const film = new Film(new KeptPictures(), start, join(at, 'clip.mp4'));
  await expect(film.end(start + 1000)).rejects.toThrow(UserError);
  expect(await readdir(at)).toEqual([]);
});

test('what went wrong on the way is thrown at its end', async () => {
  const pictures = new KeptPictures();
  pictures.add({ time: start, jpeg: await jpeg(size, plain(size, 9)) });
  const film = new Film(pictures, start, join(await folder(), '\0', 'clip.mp4'));
  await film.until(start).catch(() => undefined);
  await expect(film.end(start)).rejects.toThrow();
});
