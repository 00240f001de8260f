import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Frame, FrameFormat } from '../../src/video/frame.ts';
import { openVideo } from '../../src/video/open.ts';
import { type Encoding, encode, type Luma } from './encode.ts';
import { writeFieldPictures } from './field-pictures.ts';
import { collect, temporaryFolders } from './footage.ts';

const temporaryFolder = temporaryFolders();
const small: FrameFormat = { width: 32, height: 32, channels: 1 };

/** A bright bar, 24 wide, that moves 8 pixels a field, on a gray ground. */
const bar =
  (field: number): Luma =>
  (x) =>
    x >= 16 + 8 * field && x < 40 + 8 * field ? 220 : 60;

const fields = (count: number, from = 0) => Array.from({ length: count }, (_, i) => bar(from + i));

async function read(path: string, fps?: number): Promise<Frame[]> {
  return collect(await openVideo(path, small, { original: true, fps }));
}

/** Red of a picture at a place. */
const level = ({ original }: Frame, x: number, y: number): number =>
  original!.data[(y * original!.width + x) * 3]!;

/** How much each row differs from the mean of its neighbours: high where two fields interleave. */
function combing(frame: Frame): number {
  const { width, height } = frame.original!;
  let sum = 0;
  for (let y = 1; y < height - 1; y++)
    for (let x = 0; x < width; x++)
      sum += Math.abs(level(frame, x, y) - (level(frame, x, y - 1) + level(frame, x, y + 1)) / 2);
  return sum / (width * (height - 2));
}

/** Where the bright bar begins, in the middle row. */
function barAt(frame: Frame): number {
  const y = frame.original!.height >> 1;
  for (let x = 0; x < frame.original!.width; x++) if (level(frame, x, y) > 140) return x;
  return Number.NaN;
}

/** That fields two by two, 8 in all, are pictures at the time of the earlier one, without combing. */
function expectOneAFrame(frames: readonly Frame[]): void {
  expect(frames.length).toBe(8);
  for (const [i, frame] of frames.entries()) {
    expect(frame.corrupt).toBe(false);
    expect(frame.time).toBeCloseTo(i / 25, 3);
    expect(combing(frame)).toBeLessThan(2);
    expect(Math.abs(barAt(frame) - (16 + 16 * i))).toBeLessThan(4);
  }
}

const tv = { width: 192, height: 96, fps: 25 };
const lossless = { qp: '0', preset: 'ultrafast', bf: '0' };

describe('interlaced video', () => {
  const kinds: [string, Omit<Encoding, 'first'>, number?][] = [
    ['H.264 (MBAFF) in MP4', { ...tv, codec: 'libx264', container: 'mp4' }],
    ['H.264 in a transport stream', { ...tv, codec: 'libx264', container: 'mpegts' }],
    ['raw H.264', { ...tv, codec: 'libx264', container: 'h264' }],
    ['H.264 of 10 bits', { ...tv, codec: 'libx264', container: 'mp4', pixels: 'yuv420p10le' }],
    ['H.264 of full range', { ...tv, codec: 'libx264', container: 'mp4', fullRange: true }],
    ['MPEG-2', { ...tv, codec: 'mpeg2video', container: 'mpegts', options: { b: '8M' } }],
    ['MPEG-4', { ...tv, codec: 'mpeg4', container: 'avi', options: { b: '8M' } }],
  ];
  for (const [name, encoding] of kinds)
    for (const first of ['top', 'bottom'] as const)
      test(`${name}, ${first} field first, has one picture a frame, at its time, without combing`, async () => {
        const path = join(await temporaryFolder(), `a.${encoding.container}`);
        const options = encoding.codec === 'libx264' ? lossless : encoding.options;
        await encode(path, { ...encoding, first, ...(options ? { options } : {}) }, fields(16));
        expectOneAFrame(await read(path));
      });

  test.each(['top', 'bottom'] as const)(
    'H.264 of field pictures (PAFF), %s field first, has one picture a frame too',
    async (first) => {
      const path = join(await temporaryFolder(), 'a.h264');
      await writeFieldPictures(path, tv, first, fields(16));
      expectOneAFrame(await read(path));
    },
  );

  test.each([
    ['libx264', 'yuv420p', 4, 4],
    ['libx264', 'yuv420p', 16, 4],
    ['ffv1', 'yuv410p', 8, 8],
    ['ffv1', 'yuv411p', 8, 12],
    ['ffv1', 'yuv410p', 12, 12],
    ['ffv1', 'yuv410p', 16, 16],
  ])(
    'as small as none are (%s, %s, %ix%i) have a picture each',
    async (codec, pixels, width, height) => {
      const path = join(await temporaryFolder(), 'a.mkv');
      const encoding = { width, height, fps: 25, codec, pixels, container: 'matroska' };
      await encode(path, { ...encoding, first: 'top' }, fields(8));
      const frames = await read(path);
      expect(frames.map(({ corrupt }) => corrupt)).toEqual([false, false, false, false]);
    },
  );

  test('progressive pictures in a stream that may have fields stay as they are', async () => {
    const path = join(await temporaryFolder(), 'a.mp4');
    const options = { ...lossless, 'x264-params': 'fake-interlaced=1' };
    await encode(path, { ...tv, codec: 'libx264', container: 'mp4', options }, fields(6));
    const frames = await read(path);
    expect(frames.map((frame) => barAt(frame))).toEqual([16, 24, 32, 40, 48, 56]);
    for (const frame of frames) expect(combing(frame)).toBe(0);
  });

  test('DV, bottom field first', async () => {
    const path = join(await temporaryFolder(), 'a.dv');
    const dv = { width: 720, height: 576, fps: 25, codec: 'dvvideo', container: 'dv' };
    await encode(path, { ...dv, first: 'bottom' }, fields(8));
    const frames = await read(path);
    expect(frames.length).toBe(4);
    for (const frame of frames) expect(combing(frame)).toBeLessThan(2);
  });

  test('H.265 has a picture for each field', async () => {
    const path = join(await temporaryFolder(), 'a.hevc');
    const options = { 'x265-params': 'log-level=none:interlace=tff' };
    await encode(path, { ...tv, codec: 'libx265', container: 'hevc', options }, fields(8));
    const frames = await read(path);
    expect(frames.map((frame) => Math.round((barAt(frame) - 16) / 8))).toEqual([
      ...Array(8).keys(),
    ]);
  });

  test('a scene that stands still keeps its rows', async () => {
    const folder = await temporaryFolder();
    const still: Luma = (x, y) => (((x >> 1) + (y >> 1)) % 2 === 0 ? 200 : 80);
    const encoding = { ...tv, codec: 'libx264', container: 'mp4', options: lossless };
    await encode(join(folder, 'i.mp4'), { ...encoding, first: 'top' }, Array(8).fill(still));
    await encode(join(folder, 'p.mp4'), encoding, Array(4).fill(still));
    const [interlaced, progressive] = await Promise.all(
      ['i', 'p'].map((name) => read(join(folder, `${name}.mp4`))),
    );
    // The first and the last have a neighbour on one side only.
    for (const i of [1, 2]) {
      const plain = progressive![i]!.original!.data;
      const changes = interlaced![i]!.original!.data.map((value, at) =>
        Math.abs(value - plain[at]!),
      );
      expect(Math.max(...changes)).toBeLessThan(4);
    }
  });
});

test('a stream that changes to interlaced, 10 bits, full range and another size loses no picture', async () => {
  const folder = await temporaryFolder();
  const base: Encoding = { ...tv, codec: 'libx264', container: 'h264', options: lossless };
  const parts: [Encoding, number][] = [
    [base, 5],
    [{ ...base, first: 'top' }, 10],
    [{ ...base, pixels: 'yuv420p10le' }, 5],
    [{ ...base, pixels: 'yuv420p10le', first: 'bottom' }, 10],
    [{ ...base, fullRange: true }, 5],
    [{ ...base, width: 256, height: 128, first: 'top' }, 10],
    [base, 5],
  ];
  const bytes: Buffer[] = [];
  for (const [i, [encoding, count]] of parts.entries()) {
    const path = join(folder, `${i}.h264`);
    await encode(path, encoding, fields(count));
    bytes.push(await readFile(path));
  }
  const path = join(folder, 'all.h264');
  await writeFile(path, Buffer.concat(bytes));
  const frames = await read(path);
  expect(frames.length).toBe(35);
  for (const [i, frame] of frames.entries()) {
    const part = Math.floor(i / 5);
    const [encoding] = parts[part]!;
    expect(frame.corrupt).toBe(false);
    expect(frame.original!.width).toBe(encoding.width);
    expect(combing(frame)).toBeLessThan(2);
    expect(Math.abs(level(frame, 0, 4) - 60)).toBeLessThan(6);
    expect(Math.abs(barAt(frame) - (16 + (encoding.first ? 16 : 8) * (i % 5)))).toBeLessThan(4);
  }
});

describe('a video is seen upright and in proportion', () => {
  /** Each quarter of the picture has its own brightness: 40, 90, 160, 220 by rows. */
  const quarters: Luma = (x, y) => [40, 90, 160, 220][(x >= 32 ? 1 : 0) + (y >= 24 ? 2 : 0)]!;
  const still = { width: 64, height: 48, fps: 10, codec: 'libx264', container: 'mp4' };
  const turns: [string, readonly [number, number, number, number], readonly number[]][] = [
    ['not turned', [1, 0, 0, 1], [40, 90, 160, 220]],
    ['a quarter to the right', [0, 1, -1, 0], [160, 40, 220, 90]],
    ['a half', [-1, 0, 0, -1], [220, 160, 90, 40]],
    ['a quarter to the left', [0, -1, 1, 0], [90, 220, 40, 160]],
    ['mirrored', [-1, 0, 0, 1], [90, 40, 220, 160]],
    ['upside down and mirrored', [1, 0, 0, -1], [160, 220, 40, 90]],
    ['along the diagonal', [0, 1, 1, 0], [40, 160, 90, 220]],
    ['along the other diagonal', [0, -1, -1, 0], [220, 90, 160, 40]],
  ];
  test.each(turns)('%s', async (_, matrix, expected) => {
    const path = join(await temporaryFolder(), 'a.mp4');
    await encode(path, { ...still, options: lossless, matrix }, Array(4).fill(quarters));
    const video = await openVideo(path, small, { original: true });
    const turned = matrix[0] === 0;
    const size = turned ? { width: 48, height: 64 } : { width: 64, height: 48 };
    expect(video.source).toEqual(size);
    const frames = await collect(video);
    expect(frames.length).toBe(4);
    for (const frame of frames) {
      expect(frame.original).toMatchObject(size);
      const at = [0.25, 0.75].flatMap((y) => [0.25, 0.75].map((x) => [x, y] as const));
      for (const [i, [x, y]] of at.entries()) {
        expect(Math.abs(level(frame, x * size.width, y * size.height) - expected[i]!)).toBeLessThan(
          6,
        );
        expect(Math.abs(frame.data[y * 32 * 32 + x * 32]! - expected[i]!)).toBeLessThan(6);
      }
    }
  });

  test.each([
    [[16, 11], { width: 93, height: 48 }],
    [[8, 9], { width: 64, height: 54 }],
    [[1, 1], { width: 64, height: 48 }],
    [[300, 299], { width: 64, height: 48 }],
    [[1, 200], { width: 64, height: 48 }],
  ] as const)('with pixels of %j', async (aspect, size) => {
    const path = join(await temporaryFolder(), 'a.mp4');
    await encode(path, { ...still, options: lossless, aspect }, Array(3).fill(quarters));
    const video = await openVideo(path, small, { original: true });
    expect(video.source).toEqual(size);
    for (const frame of await collect(video)) expect(frame.original).toMatchObject(size);
  });

  test('with oblong pixels, turned and interlaced at once', async () => {
    const path = join(await temporaryFolder(), 'a.mp4');
    const matrix = [0, 1, -1, 0] as const;
    const encoding = { ...tv, codec: 'libx264', container: 'mp4', options: lossless };
    await encode(path, { ...encoding, first: 'top', aspect: [16, 11], matrix }, fields(8));
    const video = await openVideo(path, small, { original: true });
    expect(video.source).toEqual({ width: 96, height: 279 });
    const frames = await collect(video);
    expect(frames.length).toBe(4);
  });
});

describe('the rate and the times', () => {
  const moving = { width: 64, height: 48 };
  test.each([
    ['libx264', 'h264', {}, 8, 'video'],
    ['libx265', 'hevc', { 'x265-params': 'log-level=none' }, 8, 'video'],
    ['mpeg2video', 'mpeg2video', {}, 24, 'video'],
    ['libx265', 'hevc', { 'x265-params': 'log-level=none:vui-timing-info=0' }, 12, 'option'],
    ['mjpeg', 'mjpeg', { strict: '-1' }, 12, 'option'],
  ])(
    'of raw %s (%s %j) are %d frames a second, of the %s',
    async (codec, container, options, rate, from) => {
      const path = join(await temporaryFolder(), `a.${container}`);
      const fps = from === 'video' ? rate : 15;
      await encode(path, { ...moving, fps, codec, container, options }, fields(20));
      const video = await openVideo(path, small, { fps: 12 });
      expect(video).toMatchObject({ fps: rate, rateFrom: from });
      const frames = await collect(video);
      expect(frames.length).toBe(20);
      expect(frames.at(-1)!.time).toBeCloseTo(19 / rate, 6);
      const unasked = await openVideo(path, small);
      expect(unasked).toMatchObject(
        from === 'video' ? { fps: rate, rateFrom: from } : { fps: 25, rateFrom: 'assumed' },
      );
    },
  );

  test('a gap in the file is kept, and what comes after it is apart', async () => {
    const path = join(await temporaryFolder(), 'a.mp4');
    const times = Array.from(
      { length: 20 },
      (_, i) => i / 10 + (i >= 5 ? 4 : 0) + (i >= 12 ? 15 : 0),
    );
    const encoding = { ...moving, fps: 10, codec: 'libx264', container: 'mp4' };
    await encode(path, { ...encoding, options: lossless, times }, fields(20));
    const video = await openVideo(path, small);
    expect(video.fps).toBe(10);
    const frames = await collect(video);
    expect(frames.map(({ time }) => time)).toEqual(times.map((time) => expect.closeTo(time, 3)));
    expect(frames.map(({ stretch }) => stretch)).toEqual([
      ...Array(12).fill(0),
      ...Array(8).fill(1),
    ]);
  });
});
