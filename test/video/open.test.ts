import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import type { FrameFormat } from '../../src/video/frame.ts';
import { openVideo } from '../../src/video/open.ts';
import {
  collect,
  jpeg,
  mean,
  noise,
  plain,
  temporaryFolders,
  writeAvi,
  writeBmp,
  writePicture,
  writeVideo,
} from './footage.ts';

const temporaryFolder = temporaryFolders();
const size = { width: 64, height: 48 };
const gray: FrameFormat = { width: 32, height: 24, channels: 1 };
const rgb: FrameFormat = { width: 32, height: 24, channels: 3 };

/** @param shown what the message begins with */
async function told(path: string, shown = path): Promise<string> {
  const error = await openVideo(path, gray).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(UserError);
  const { message } = error as UserError;
  expect(message.startsWith(shown)).toBe(true);
  expect(message).not.toContain('\n');
  return message;
}

describe('a video file', () => {
  test('gives every picture once, in order, with its time and colour', async () => {
    const path = join(await temporaryFolder(), 'a.mp4');
    const pictures = Array.from({ length: 12 }, (_, i) => plain(size, 20 * i, 100, 240 - 20 * i));
    await writeVideo(path, { ...size, fps: 5 }, pictures);
    const video = await openVideo(path, rgb, { original: true });
    expect(video).toMatchObject({ name: path, source: size, fps: 5, expectedFrames: 12 });
    const frames = await collect(video);
    expect(frames.map((frame) => frame.index)).toEqual([...pictures.keys()]);
    const plane = rgb.width * rgb.height;
    for (const { index, time, corrupt, data, original } of frames) {
      expect(corrupt).toBe(false);
      expect(time).toBeCloseTo(index / 5, 6);
      const colour = [0, 1, 2].map((c) => mean(data.subarray(c * plane, (c + 1) * plane)));
      for (const [c, expected] of [20 * index, 100, 240 - 20 * index].entries()) {
        expect(Math.abs(colour[c]! - expected)).toBeLessThan(5);
        expect(Math.abs(original!.data[c]! - expected)).toBeLessThan(5);
      }
      expect(original).toMatchObject(size);
      expect(original!.data.length).toBe(size.width * size.height * 3);
    }
    // Gray is luma (BT.601) in full range.
    for (const { index, data } of await collect(await openVideo(path, gray))) {
      const luma = 0.299 * 20 * index + 0.587 * 100 + 0.114 * (240 - 20 * index);
      expect(Math.abs(mean(data) - luma)).toBeLessThan(3);
    }
  });

  test('can be left early and read again', async () => {
    const path = join(await temporaryFolder(), 'a.mp4');
    await writeVideo(path, { ...size, fps: 5 }, [
      plain(size, 10),
      plain(size, 90),
      plain(size, 200),
    ]);
    const video = await openVideo(path, gray);
    for await (const _ of video) break;
    expect((await collect(video)).length).toBe(3);
  });

  test('shows the picture before for one that does not decode, and the next at the front', async () => {
    const path = join(await temporaryFolder(), 'a.avi');
    const good = await Promise.all([40, 90, 140, 190].map((v) => jpeg(size, plain(size, v))));
    const bad = Buffer.from('no picture at all');
    await writeAvi(path, { ...size, fps: 10 }, [bad, good[0]!, good[1]!, bad, bad, good[2]!, bad]);
    const frames = await collect(await openVideo(path, gray));
    expect(frames.map((frame) => frame.corrupt)).toEqual([
      true,
      false,
      false,
      true,
      true,
      false,
      true,
    ]);
    expect(frames.map((frame) => frame.index)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    for (const [i, value] of [40, 40, 90, 90, 90, 140, 140].entries()) {
      expect(Math.abs(mean(frames[i]!.data) - value)).toBeLessThan(3);
    }
  });

  test.each([4, 4000])(
    'of which %i bytes in the middle are damaged goes on with as many frames, some corrupt',
    async (length) => {
      const path = join(await temporaryFolder(), 'a.mp4');
      const large = { width: 320, height: 240 };
      const pictures = Array.from({ length: 30 }, (_, i) =>
        noise(large, i).map((value, at) => ((at * 7 + i * 11) % 251) + value / 64),
      );
      await writeVideo(path, { ...large, fps: 10 }, pictures);
      const bytes = await readFile(path);
      bytes.fill(0xa5, bytes.length >> 1, (bytes.length >> 1) + length);
      await writeFile(path, bytes);
      const frames = await collect(await openVideo(path, gray));
      expect(frames.length).toBe(30);
      const corrupt = frames.filter((frame) => frame.corrupt);
      expect(corrupt.length).toBeGreaterThan(0);
      expect(corrupt.length).toBeLessThan(15);
      for (const { index } of corrupt) expect(frames[index]!.data).toEqual(frames[index - 1]!.data);
    },
  );

  test('that is cut off gives the frames that are there', async () => {
    const path = join(await temporaryFolder(), 'a.mp4');
    await writeVideo(
      path,
      { ...size, fps: 10 },
      Array.from({ length: 30 }, (_, i) => noise(size, i)),
    );
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length * 0.6));
    const frames = await collect(await openVideo(path, gray));
    expect(frames.length).toBeGreaterThan(10);
    expect(frames.length).toBeLessThan(30);
  });

  test('whose size changes on the way is brought to the format picture by picture', async () => {
    const path = join(await temporaryFolder(), 'a.avi');
    const other = { width: 120, height: 40 };
    const halves = (of: typeof size) => {
      const picture = plain(of, 30);
      for (let i = 0; i < picture.length; i++)
        if ((i / 3) % of.width >= of.width / 2) picture[i] = 220;
      return jpeg(of, picture);
    };
    const pictures = await Promise.all([size, size, other, other, size].map(halves));
    await writeAvi(path, { ...size, fps: 10 }, pictures);
    const video = await openVideo(path, gray, { original: true });
    const frames = await collect(video);
    expect(frames.map((frame) => frame.original?.width)).toEqual([64, 64, 120, 120, 64]);
    for (const { data } of frames) {
      for (let y = 0; y < gray.height; y++) {
        expect(Math.abs(data[y * gray.width + 2]! - 30)).toBeLessThan(8);
        expect(Math.abs(data[y * gray.width + gray.width - 3]! - 220)).toBeLessThan(8);
      }
    }
  });
});

describe('a folder of frames', () => {
  test.each(['png', 'jpg', 'jpeg', 'tif', 'tiff'])(
    'of .%s is read in natural order',
    async (ext) => {
      const folder = await temporaryFolder();
      for (const n of [10, 9, 1, 2]) {
        await writePicture(join(folder, `${n}.${ext}`), size, plain(size, n * 20));
      }
      await writeFile(join(folder, 'notes.txt'), 'left out');
      await writeFile(join(folder, `.hidden.${ext}`), 'left out');
      const video = await openVideo(folder, gray);
      expect(video).toMatchObject({ source: size, fps: 10, expectedFrames: 4 });
      const frames = await collect(video);
      for (const [i, n] of [1, 2, 9, 10].entries()) {
        expect(Math.abs(mean(frames[i]!.data) - n * 20)).toBeLessThan(2);
        expect(frames[i]!.time).toBeCloseTo(i / 10, 9);
      }
    },
  );

  test('of .bmp is read, in colour and gray', async () => {
    const folder = await temporaryFolder();
    const odd = { width: 63, height: 47 };
    await writeBmp(join(folder, '000.bmp'), odd, plain(odd, 200, 100, 0));
    await writeBmp(join(folder, '001.bmp'), odd, plain(odd, 0, 50, 250));
    const colour = await collect(await openVideo(folder, rgb, { fps: 30 }));
    const plane = rgb.width * rgb.height;
    expect([0, plane, 2 * plane].map((at) => colour[0]!.data[at])).toEqual([200, 100, 0]);
    expect([0, plane, 2 * plane].map((at) => colour[1]!.data[at])).toEqual([0, 50, 250]);
    expect(colour[1]!.time).toBeCloseTo(1 / 30, 9);
    const [first] = await collect(await openVideo(folder, gray));
    expect(Math.abs(first!.data[0]! - (0.299 * 200 + 0.587 * 100))).toBeLessThanOrEqual(1);
  });

  test('shows the picture before for a damaged one', async () => {
    const folder = await temporaryFolder();
    const pictures = await Promise.all([0, 1, 2, 3].map((i) => jpeg(size, noise(size, i))));
    await writeFile(join(folder, '0.jpg'), 'no picture');
    await writeFile(join(folder, '1.jpg'), pictures[1]!);
    await writeFile(join(folder, '2.jpg'), pictures[2]!.subarray(0, pictures[2]!.length / 2));
    await writeFile(join(folder, '3.jpg'), pictures[3]!);
    const frames = await collect(await openVideo(folder, gray));
    expect(frames.map((frame) => frame.corrupt)).toEqual([true, false, true, false]);
    expect(frames[0]!.data).toEqual(frames[1]!.data);
    expect(frames[2]!.data).toEqual(frames[1]!.data);
    expect(frames[3]!.data).not.toEqual(frames[1]!.data);
  });

  test('gives its bytes unchanged at their own size', async () => {
    const folder = await temporaryFolder();
    const picture = noise(size, 3);
    await writePicture(join(folder, '0.png'), size, picture);
    const [frame] = await collect(
      await openVideo(folder, { ...size, channels: 3 }, { original: true }),
    );
    expect(frame!.original!.data).toEqual(picture);
    const plane = size.width * size.height;
    const planar = picture.map((_, i) => picture[(i % plane) * 3 + Math.floor(i / plane)]!);
    expect(frame!.data).toEqual(planar);
  });
});

describe('a file that is not a video is refused in one line', () => {
  test.each([
    'rtsp://me:secret word@host/x',
    'rtsp:/me:secret@host/x',
    'rtsp:me:secret@host',
    'HTTP:\\\\me:secret@host',
    'rtmp://me:secret@host/x',
    'srt://host?passphrase=secret',
  ])('%s, which is not the address of a camera, without its password', async (address) => {
    const message = await told(address, '');
    expect(message).toContain('is neither a file nor the address of a camera');
    expect(message).not.toContain('secret');
  });

  test('a name that is too long, or holds a zero byte', async () => {
    expect(await told('a'.repeat(300))).toContain('the name is too long');
    expect(await told('a\0b', 'a')).toMatch(/^a\?b: holds a zero byte/);
  });

  test('a path that does not exist', async () => {
    expect(await told(join(await temporaryFolder(), 'none.mp4'))).toContain('does not exist');
  });

  test('an empty folder', async () => {
    expect(await told(await temporaryFolder())).toContain('empty');
  });

  test('a folder without pictures', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'deeper'));
    expect(await told(folder)).toContain('no pictures');
  });

  test.each([
    ['text', 'hello\n'.repeat(200), 'a.txt'],
    ['text under the name of a video', 'hello\n'.repeat(200), 'a.mp4'],
    ['nothing', '', 'a.mp4'],
  ])('%s', async (_, content, name) => {
    const path = join(await temporaryFolder(), name);
    await writeFile(path, content);
    expect(await told(path)).toContain('cannot be read as a video');
  });

  test('a list of other files', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'list.mp4');
    await writeVideo(join(folder, 'other.mp4'), { ...size, fps: 5 }, [plain(size, 9)]);
    await writeFile(path, 'ffconcat version 1.0\nfile other.mp4\n');
    expect(await told(path)).toContain('list of other files');
  });

  test('sound only', async () => {
    const path = join(await temporaryFolder(), 'a.wav');
    const wav = Buffer.alloc(44 + 8000);
    wav.write('RIFF\0\0\0\0WAVEfmt ', 'latin1');
    wav.writeUInt32LE(wav.length - 8, 4);
    for (const [at, value] of [
      [16, 16],
      [24, 8000],
      [28, 16000],
    ] as const)
      wav.writeUInt32LE(value, at);
    for (const [at, value] of [
      [20, 1],
      [22, 1],
      [32, 2],
      [34, 16],
    ] as const)
      wav.writeUInt16LE(value, at);
    wav.write('data', 36);
    wav.writeUInt32LE(8000, 40);
    await writeFile(path, wav);
    expect(await told(path)).toContain('no video stream');
  });

  test('a video of which not one picture decodes', async () => {
    const path = join(await temporaryFolder(), 'a.avi');
    await writeAvi(path, { ...size, fps: 10 }, Array(5).fill(Buffer.from('no picture at all')));
    expect(await told(path)).toContain('not one picture');
  });

  test('a folder of mixed sizes names the first file that differs, and both sizes', async () => {
    const folder = await temporaryFolder();
    const other = { width: 60, height: 48 };
    for (const [name, of] of [
      ['1', size],
      ['2', size],
      ['3', other],
      ['10', other],
    ] as const) {
      await writePicture(join(folder, `${name}.png`), of, plain(of, 9));
    }
    const message = await told(folder);
    for (const part of ['3.png', '60x48', '64x48']) expect(message).toContain(part);
  });
});
