import {
  copyFile,
  cp,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { type CacheOptions, openClips } from '../../src/datasets/cache.ts';
import { fingerprint } from '../../src/datasets/content.ts';
import { UserError } from '../../src/errors.ts';
import type { FrameFormat } from '../../src/video/frame.ts';
import { openVideo } from '../../src/video/open.ts';
import { encode } from '../video/encode.ts';
import {
  collect,
  jpeg,
  noise,
  plain,
  temporaryFolders,
  writePicture,
  writeVideo,
} from '../video/footage.ts';

const temporaryFolder = temporaryFolders();
const size = { width: 32, height: 24 };
const format: FrameFormat = { width: 16, height: 12, channels: 3 };
const frameBytes = 16 * 12 * 3;

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

async function footage(frames = 20) {
  const folder = await temporaryFolder();
  const path = join(folder, 'a.mp4');
  await writeVideo(
    path,
    { ...size, fps: 5 },
    Array.from({ length: frames }, (_, i) => noise(size, i)),
  );
  return { folder, path, cacheDir: join(folder, 'cache'), sources: [{ name: 'a', path }] };
}

/** Opens and closes; the numbers of the frames that were decoded for it. */
async function decoded(
  sources: { name: string; path: string }[],
  options: CacheOptions,
  as = format,
) {
  const seen: [number, number, string][] = [];
  const clips = await openClips(sources, as, { ...options, onProgress: (...at) => seen.push(at) });
  for (const clip of clips) await clip.close();
  return seen;
}

test('a clip gives the bytes that decoding gives, at any position', async () => {
  const { sources, cacheDir, path } = await footage();
  const [clip] = await openClips(sources, format, { cacheDir });
  expect(clip).toMatchObject({
    name: 'a',
    path,
    frames: 20,
    fps: 5,
    source: size,
    format,
    corrupt: [],
  });
  const all = Buffer.concat(
    (await collect(await openVideo(path, format))).map((frame) => frame.data),
  );
  for (const [start, count] of [
    [0, 20],
    [7, 5],
    [19, 1],
    [20, 0],
    [3, 1],
  ] as const) {
    const bytes = await clip!.read(start, count);
    const wanted = all.subarray(start * frameBytes, (start + count) * frameBytes);
    expect(wanted.equals(bytes)).toBe(true);
    const place = new Uint8Array(count * frameBytes);
    await clip!.readInto(place, start);
    expect(wanted.equals(place)).toBe(true);
  }
  for (const [start, count] of [
    [-1, 2],
    [0, 21],
    [20, 1],
    [Number.NaN, 1],
  ] as const) {
    await expect(clip!.read(start, count)).rejects.toThrow(RangeError);
    const place = new Uint8Array(count * frameBytes);
    await expect(clip!.readInto(place, start)).rejects.toThrow(RangeError);
  }
  await clip!.close();
});

test('corrupt frames are named', async () => {
  const folder = await temporaryFolder();
  for (const i of [0, 1, 2, 3, 4]) {
    await writeFile(
      join(folder, `${i}.jpg`),
      i % 3 === 0 ? 'bad' : await jpeg(size, plain(size, i)),
    );
  }
  const sources = [{ name: 'a', path: folder }];
  for (let round = 0; round < 2; round++) {
    const [clip] = await openClips(sources, format, { cacheDir: join(folder, 'cache'), fps: 3 });
    expect(clip).toMatchObject({ corrupt: [0, 3], frames: 5, fps: 3 });
    await clip!.close();
  }
});

test('each clip is decoded once, for its content and settings', async () => {
  const { folder, sources, cacheDir, path } = await footage();
  await copyFile(path, join(folder, 'same.mp4'));
  const both = [...sources, { name: 'b', path: join(folder, 'same.mp4') }];
  const progress = await decoded(both, { cacheDir });
  expect(progress.at(0)).toEqual([1, 20, 'a']);
  expect(progress.at(-1)).toEqual([20, 20, 'a']);
  expect(await decoded(both, { cacheDir })).toEqual([]);
  await rename(path, `${path}.moved`);
  await utimes(`${path}.moved`, 1, 1);
  expect(await decoded([{ name: 'c', path: `${path}.moved` }], { cacheDir })).toEqual([]);
  // Another size, other channels, another rate, other bytes.
  const moved = [{ name: 'a', path: `${path}.moved` }];
  expect((await decoded(moved, { cacheDir }, { ...format, width: 15 })).length).toBe(20);
  expect((await decoded(moved, { cacheDir }, { ...format, channels: 1 })).length).toBe(20);
  expect((await decoded(moved, { cacheDir, fps: 7 })).length).toBe(20);
  await writeVideo(`${path}.moved`, { ...size, fps: 5 }, Array(20).fill(plain(size, 1)));
  expect((await decoded(moved, { cacheDir })).length).toBe(20);
});

test('a folder of frames is known by its names and bytes', async () => {
  const folder = await temporaryFolder();
  const cacheDir = join(folder, 'cache');
  await mkdir(join(folder, 'clip'));
  for (const i of [1, 2, 3])
    await writePicture(join(folder, `clip/${i}.png`), size, plain(size, i));
  await cp(join(folder, 'clip'), join(folder, 'copy'), { recursive: true });
  const at = (name: string) => [{ name, path: join(folder, name) }];
  expect((await decoded(at('clip'), { cacheDir })).length).toBe(3);
  expect(await decoded(at('copy'), { cacheDir })).toEqual([]);
  await rename(join(folder, 'copy/3.png'), join(folder, 'copy/4.png'));
  expect((await decoded(at('copy'), { cacheDir })).length).toBe(3);
});

test('an entry that was cut off, overwritten or deleted is made anew', async () => {
  const { sources, cacheDir } = await footage();
  await decoded(sources, { cacheDir });
  const [name] = await readdir(cacheDir);
  const entry = join(cacheDir, name!);
  const whole = await readFile(entry);
  const damages = [
    () => truncate(entry, whole.length - 5),
    () => truncate(entry, 3),
    () => writeFile(entry, Buffer.concat([whole.subarray(frameBytes), Buffer.alloc(0)])),
    () => writeFile(entry, Buffer.from(whole).fill(255, whole.length - 30)),
    () => rm(entry),
    () => rm(cacheDir, { recursive: true }),
  ];
  for (const damage of damages) {
    await damage();
    expect((await decoded(sources, { cacheDir })).length).toBe(20);
    expect((await readFile(entry)).equals(whole)).toBe(true);
  }
});

test.skipIf(process.platform === 'win32')(
  'an open clip outlives its entry (not on Windows)',
  async () => {
    const { sources, cacheDir } = await footage();
    const [clip] = await openClips(sources, format, { cacheDir });
    await rm(cacheDir, { recursive: true });
    expect((await clip!.read(3, 2)).length).toBe(2 * frameBytes);
    await clip!.close();
  },
);

test('the cache is bounded: what was not used for longest leaves', async () => {
  const folder = await temporaryFolder();
  const cacheDir = join(folder, 'cache');
  const clips = [];
  for (const name of ['a', 'b', 'c']) {
    const path = join(folder, `${name}.mp4`);
    await writeVideo(path, { ...size, fps: 5 }, Array(10).fill(plain(size, name.charCodeAt(0))));
    clips.push([{ name, path }]);
  }
  const [a, b, c] = clips as [(typeof clips)[0], (typeof clips)[0], (typeof clips)[0]];
  const entries = async () => (await readdir(cacheDir)).sort();
  await decoded(a, { cacheDir });
  const [first] = await entries();
  await decoded(b, { cacheDir });
  const second = (await entries()).find((name) => name !== first);
  const old = new Date(Date.now() - 1e6);
  await utimes(join(cacheDir, first!), old, new Date(old.getTime() - 1e6));
  await utimes(join(cacheDir, second!), old, old);
  // Used again: now the second one is the older.
  await decoded(a, { cacheDir });
  const one = (await stat(join(cacheDir, first!))).size;
  const left = join(cacheDir, `${'0'.repeat(64)}.clip.00aa.tmp`);
  await writeFile(left, 'of a process that was killed');
  await utimes(left, old, new Date(Date.now() - 1e8));
  await decoded(c, { cacheDir, maxBytes: 2.5 * one });
  const rest = await entries();
  expect(rest.length).toBe(2);
  expect(rest).toContain(first);
  expect(rest).not.toContain(second);
});

test('clips that are more than the bound are told, and leave nothing half-made', async () => {
  const { sources, cacheDir } = await footage();
  vi.stubEnv('M2S2L_CACHE_BYTES', String(12 * frameBytes));
  await expect(openClips(sources, format, { cacheDir })).rejects.toThrow(/M2S2L_CACHE_BYTES/);
  expect(await readdir(cacheDir)).toEqual([]);
  vi.stubEnv('M2S2L_CACHE_BYTES', 'much');
  await expect(openClips(sources, format, { cacheDir })).rejects.toThrow(UserError);
});

test('the folder is taken from the environment', async () => {
  const { folder, sources } = await footage();
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'xdg'));
  vi.stubEnv('M2S2L_CACHE', '');
  await decoded(sources, {});
  expect((await readdir(join(folder, 'xdg/m2s2l'))).length).toBe(1);
  vi.stubEnv('M2S2L_CACHE', join(folder, 'own'));
  await decoded(sources, {});
  expect((await readdir(join(folder, 'own'))).length).toBe(1);
});

test('a full disk is told in one line and leaves nothing', async () => {
  const { sources, cacheDir, path } = await footage();
  const handle = await open(path);
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
    code: 'ENOSPC',
  });
  vi.spyOn(Object.getPrototypeOf(handle), 'writeFile').mockRejectedValue(full);
  await handle.close();
  const error = await openClips(sources, format, { cacheDir }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).toContain('disk is full');
  expect(await readdir(cacheDir)).toEqual([]);
});

test('a bad clip is told before anything is decoded', async () => {
  const { folder, sources, cacheDir } = await footage();
  const bad = join(folder, 'bad.mp4');
  await writeFile(bad, 'text');
  const seen: number[] = [];
  const clips = [...sources, { name: 'bad', path: bad }];
  await expect(
    openClips(clips, format, { cacheDir, onProgress: (done) => seen.push(done) }),
  ).rejects.toThrow(bad);
  expect(seen).toEqual([]);
  const none = [{ name: 'n', path: join(folder, 'none') }];
  await expect(openClips(none, format, { cacheDir })).rejects.toThrow('does not exist');
});

test('processes that make the same entry at the same time do not disturb each other', async () => {
  const { sources, cacheDir } = await footage(60);
  const opened = await Promise.all([1, 2, 3].map(() => openClips(sources, format, { cacheDir })));
  const bytes = await Promise.all(opened.map(([clip]) => clip!.read(0, 60)));
  expect(bytes[1]).toEqual(bytes[0]);
  expect(bytes[2]).toEqual(bytes[0]);
  expect((await readdir(cacheDir)).length).toBe(1);
  for (const [clip] of opened) await clip!.close();
});

test('the fingerprint tells names, contents and order, and nothing else', () => {
  const a = { name: 'a', content: '1' };
  const b = { name: 'b', content: '2' };
  const prints = [[a, b], [b, a], [a], [a, { ...b, name: 'c' }], [a, { ...b, content: '3' }]].map(
    fingerprint,
  );
  expect(new Set(prints).size).toBe(5);
  expect(prints[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(fingerprint([{ ...a }, { ...b }])).toBe(prints[0]);
});

test('keeps where a recording has gaps', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'a.mp4');
  const times = [0, 1, 2, 30, 31, 60, 61];
  await encode(
    path,
    { ...size, fps: 1, codec: 'libx264', container: 'mp4', times },
    times.map(() => () => 9),
  );
  for (const _ of ['decoded', 'kept']) {
    const [clip] = await openClips([{ name: 'a', path }], format, {
      cacheDir: join(folder, 'cache'),
    });
    expect(clip!.gaps).toEqual([3, 5]);
    await clip!.close();
  }
});
