import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openClips } from '../../../src/datasets/cache.ts';
import { importDataset, type OfficialDataset } from '../../../src/datasets/import/import.ts';
import { parseRanges } from '../../../src/datasets/import/ucsd.ts';
import { type Dataset, readDataset } from '../../../src/datasets/layout.ts';
import { readMask } from '../../../src/datasets/mask.ts';
import { UserError } from '../../../src/errors.ts';
import { testData } from '../../test-data.ts';
import {
  jpeg,
  noise,
  temporaryFolders,
  writeAvi,
  writeBmp,
  writePicture,
} from '../../video/footage.ts';
import { matlabBytes, matlabCells, matlabFile, npy } from './formats.ts';

const temporaryFolder = temporaryFolders();
const size = { width: 20, height: 12 };
const area = size.width * size.height;

async function put(path: string, data: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, data);
}

async function putVideo(path: string, frames: number, seed: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const pictures = Array.from({ length: frames }, (_, i) => jpeg(size, noise(size, seed + i)));
  await writeAvi(path, { ...size, fps: 25 }, await Promise.all(pictures));
}

/** A mask with a rectangle that no turn or flip leaves as it is. */
function rectangle(on: boolean): Uint8Array {
  return Uint8Array.from({ length: area }, (_, i) => {
    const [x, y] = [i % size.width, Math.floor(i / size.width)];
    return Number(on && x >= 11 && x < 17 && y >= 2 && y < 4);
  });
}

async function ucsd(folder: string): Promise<void> {
  const clip = async (path: string, frames: number, seed: number) => {
    await mkdir(join(folder, path), { recursive: true });
    for (let i = 0; i < frames; i++) {
      const file = join(folder, path, `${String(i + 1).padStart(3, '0')}.tif`);
      await writePicture(file, size, noise(size, seed + i));
    }
  };
  await clip('Train/Train001', 3, 0);
  await clip('Train/Train002', 2, 10);
  await clip('Test/Test001', 6, 20);
  await clip('Test/Test002', 4, 30);
  await put(join(folder, 'Test/Test001/.DS_Store'), 'x');
  await mkdir(join(folder, 'Test/Test001_gt'));
  for (let i = 0; i < 6; i++) {
    const mask = rectangle(i > 2);
    const rgb = Uint8Array.from({ length: area * 3 }, (_, at) => mask[Math.floor(at / 3)]! * 255);
    await writeBmp(join(folder, `Test/Test001_gt/00${i + 1}.bmp`), size, rgb);
  }
  await put(
    join(folder, 'Test/UCSDped1.m'),
    'TestVideoFile = {};\nTestVideoFile{end+1}.gt_frame = [1:2, 4:6];\r\nTestVideoFile{end+1}.gt_frame = [3:3];\n',
  );
}

async function avenue(folder: string): Promise<void> {
  await putVideo(join(folder, 'training_videos/01.avi'), 3, 0);
  await putVideo(join(folder, 'testing_videos/01.avi'), 4, 10);
  await putVideo(join(folder, 'testing_videos/02.avi'), 2, 20);
  const truth = (on: boolean[]) => {
    const cells = on.map((value) => {
      const mask = rectangle(value);
      // MATLAB keeps arrays column by column.
      const columns = mask.map(
        (_, i) => mask[(i % size.height) * size.width + Math.floor(i / size.height)]!,
      );
      return matlabBytes([size.height, size.width], columns);
    });
    return matlabFile([matlabCells([1, on.length], cells, 'volLabel')]);
  };
  await put(join(folder, 'testing_label_mask/1_label.mat'), truth([false, false, true, true]));
  await put(join(folder, 'testing_label_mask/2_label.mat'), truth([true, false]));
}

async function shanghaitech(folder: string): Promise<void> {
  await putVideo(join(folder, 'training/videos/01_001.avi'), 3, 0);
  for (let i = 0; i < 4; i++) {
    const picture = await jpeg(size, noise(size, 40 + i));
    await put(join(folder, `testing/frames/01_0014/00${i}.jpg`), picture);
  }
  await putVideo(join(folder, 'testing/videos/02_0001.avi'), 2, 50);
  const labels = Buffer.from(BigInt64Array.from([0n, 0n, 1n, 1n]).buffer);
  await put(join(folder, 'testing/test_frame_mask/01_0014.npy'), npy('<i8', [4], labels));
  await put(
    join(folder, 'testing/test_frame_mask/02_0001.npy'),
    npy('|u1', [2], Buffer.from([1, 0])),
  );
  const masks = Buffer.concat([false, false, true, true].map(rectangle));
  await put(
    join(folder, 'testing/test_pixel_mask/01_0014.npy'),
    npy('|b1', [4, size.height, size.width], masks),
  );
}

async function converted(kind: OfficialDataset, make: (folder: string) => Promise<void>) {
  const folder = await temporaryFolder();
  const official = join(folder, 'official');
  const out = join(folder, 'out');
  await make(official);
  const seen: [number, number][] = [];
  await importDataset(kind, official, out, {
    onProgress: (done, total) => seen.push([done, total]),
  });
  const dataset = await readDataset(out);
  const total = dataset.training.length + dataset.testing.length;
  expect(seen).toEqual(Array.from({ length: total }, (_, i) => [i + 1, total]));
  expect(await readdir(folder)).toEqual(['official', 'out']);
  return { official, out, dataset };
}

/** Frames of each clip, decoded, and the labels of each testing clip. */
async function contents(dataset: Dataset, cacheDir: string) {
  const frames: Record<string, number> = {};
  for (const part of ['training', 'testing'] as const) {
    const clips = await openClips(dataset[part], { ...size, channels: 3 }, { cacheDir });
    for (const clip of clips) {
      frames[`${part} ${clip.name}`] = clip.frames;
      expect(clip.source).toEqual(size);
      await clip.close();
    }
  }
  return { frames, labels: dataset.testing.map(({ labels }) => labels && [...labels]) };
}

test('UCSD', async () => {
  const { out, dataset } = await converted('ucsd', ucsd);
  expect(await contents(dataset, join(out, '..', 'cache'))).toEqual({
    frames: { 'training 01': 3, 'training 02': 2, 'testing 01': 6, 'testing 02': 4 },
    labels: [
      [1, 1, 0, 1, 1, 1],
      [0, 0, 1, 0],
    ],
  });
  expect(dataset.labelSource).toContain('UCSDped1.m');
  // Lossless, numbered from 0.
  expect(await readdir(dataset.training[1]!.path)).toEqual(['000.png', '001.png']);
  const [clip] = await openClips(
    [dataset.training[1]!],
    { ...size, channels: 3 },
    { cacheDir: join(out, '..', 'cache') },
  );
  const original = noise(size, 11);
  const bytes = await clip!.read(1, 1);
  expect(bytes[5]).toBe(original[15]);
  expect(bytes[area + 5]).toBe(original[16]);
  await clip!.close();
  const { masks } = dataset.testing[0]!;
  for (const [i, path] of masks!.entries())
    expect(await readMask(path, size)).toEqual(rectangle(i > 2));
  // Only some clips of Ped1 have masks.
  expect(dataset.testing[1]!.masks).toBeNull();
});

test('CUHK Avenue', async () => {
  const { official, out, dataset } = await converted('avenue', avenue);
  expect(await contents(dataset, join(out, '..', 'cache'))).toEqual({
    frames: { 'training 01': 3, 'testing 01': 4, 'testing 02': 2 },
    labels: [
      [0, 0, 1, 1],
      [1, 0],
    ],
  });
  const video = 'testing/videos/01.avi';
  expect(await readFile(join(out, video))).toEqual(
    await readFile(join(official, 'testing_videos/01.avi')),
  );
  for (const [i, path] of dataset.testing[0]!.masks!.entries()) {
    expect(await readMask(path, size)).toEqual(rectangle(i > 1));
  }
});

test('CUHK Avenue, as its two archives unpack, with labels of MATLAB 7.3', async () => {
  const { out, dataset } = await converted('avenue', async (folder) => {
    const video = async (path: string, frames: number) => {
      const large = { width: 64, height: 48 };
      await mkdir(dirname(join(folder, path)), { recursive: true });
      const pictures = Array.from({ length: frames }, (_, i) => jpeg(large, noise(large, i)));
      await writeAvi(join(folder, path), { ...large, fps: 25 }, await Promise.all(pictures));
    };
    await video('training_videos/01.avi', 2);
    await video('testing_videos/01.avi', 20);
    const packed = await readFile(new URL('labels-v73.mat.gz', import.meta.url));
    const labels = 'ground_truth_demo/testing_label_mask/1_label.mat';
    await put(join(folder, labels), gunzipSync(packed));
  });
  const [clip] = dataset.testing;
  const expected = [0, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 1, 0];
  expect([...clip!.labels!]).toEqual(expected);
  for (const [i, path] of clip!.masks!.entries()) {
    const mask = await readMask(path, { width: 64, height: 48 });
    expect(Number(mask.some((value) => value === 1))).toBe(expected[i]);
  }
  expect(existsSync(out)).toBe(true);
});

test('UCSD with pictures that are cut off or empty, in its folder, with what a Mac leaves behind', async () => {
  const notes: string[] = [];
  const folder = await temporaryFolder();
  const official = join(folder, 'official');
  const inside = join(official, 'UCSD_Anomaly_Dataset.v1p2');
  await ucsd(inside);
  await put(join(inside, 'Train/Train001/._001.tif'), 'x');
  await put(join(inside, 'Test/._Test001'), 'x');
  const cut = join(inside, 'Test/Test002/003.tif');
  const whole = await readFile(cut);
  await writeFile(cut, whole.subarray(0, whole.length >> 1));
  await writeFile(join(inside, 'Train/Train001/001.tif'), '');
  const out = join(folder, 'out');
  await importDataset('ucsd', official, out, { onNote: (note) => notes.push(note) });
  expect(notes).toEqual([
    expect.stringMatching(/Train001.001\.tif: .*the next one stands in/),
    expect.stringMatching(/Test002.003\.tif: .*the picture before stands in/),
  ]);
  const bytes = (path: string) => readFile(join(out, path));
  expect(await bytes('testing/frames/02/002.png')).toEqual(
    await bytes('testing/frames/02/001.png'),
  );
  expect(await bytes('training/frames/01/000.png')).toEqual(
    await bytes('training/frames/01/001.png'),
  );
  expect((await readDataset(out)).testing[1]!.labels).toEqual(Uint8Array.of(0, 0, 1, 0));
});

test('ShanghaiTech', async () => {
  const { out, dataset } = await converted('shanghaitech', shanghaitech);
  expect(await contents(dataset, join(out, '..', 'cache'))).toEqual({
    frames: { 'training 01_001': 3, 'testing 01_0014': 4, 'testing 02_0001': 2 },
    labels: [
      [0, 0, 1, 1],
      [1, 0],
    ],
  });
  for (const [i, path] of dataset.testing[0]!.masks!.entries()) {
    expect(await readMask(path, size)).toEqual(rectangle(i > 1));
  }
  expect(dataset.testing[1]!.masks).toBeNull();
});

describe('told in one line, with nothing left', () => {
  async function told(
    kind: OfficialDataset,
    make: (official: string) => Promise<void>,
  ): Promise<string> {
    const folder = await temporaryFolder();
    const official = join(folder, 'official');
    await make(official);
    const before = await readdir(folder);
    const error = await importDataset(kind, official, join(folder, 'out')).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).not.toContain('\n');
    expect(await readdir(folder)).toEqual(before);
    return (error as UserError).message;
  }

  test('a folder that is missing, or is another data set', async () => {
    expect(await told('avenue', async () => undefined)).toContain('does not exist');
    expect(await told('avenue', ucsd)).toContain('training_videos: is missing');
    expect(await told('ucsd', avenue)).toContain('Train: is missing');
    expect(await told('shanghaitech', avenue)).toContain('training: holds no clips');
  });

  test('the folder above both parts of UCSD', async () => {
    const message = await told('ucsd', async (official) => {
      await mkdir(join(official, 'UCSDped1'), { recursive: true });
      await mkdir(join(official, 'UCSDped2'));
    });
    expect(message).toMatch(/give .*UCSDped1 or .*UCSDped2/);
  });

  test('truth that is not as long as its clip', async () => {
    const ranges = 'TestVideoFile{end+1}.gt_frame = [1:7];\nTestVideoFile{end+1}.gt_frame = [1:1];';
    const tooLong = told('ucsd', async (official) => {
      await ucsd(official);
      await writeFile(join(official, 'Test/UCSDped1.m'), ranges);
    });
    expect(await tooLong).toMatch(/1:7 but Test001 has 6 frames/);
    const fewClips = told('ucsd', async (official) => {
      await ucsd(official);
      await writeFile(join(official, 'Test/UCSDped1.m'), ranges.slice(0, 40));
    });
    expect(await fewClips).toMatch(/1 clips but .* has 2/);
    const fewMasks = told('ucsd', async (official) => {
      await ucsd(official);
      await rm(join(official, 'Test/Test001_gt/004.bmp'));
    });
    expect(await fewMasks).toMatch(/5 frames but 01 has 6/);
    const otherVideo = told('avenue', async (official) => {
      await avenue(official);
      await putVideo(join(official, 'testing_videos/02.avi'), 3, 0);
    });
    expect(await otherVideo).toMatch(/2_label.mat: is for 2 frames but 02.avi has 3/);
    const fewLabels = told('shanghaitech', async (official) => {
      await shanghaitech(official);
      await rm(join(official, 'testing/frames/01_0014/003.jpg'));
    });
    expect(await fewLabels).toMatch(/01_0014.npy: is for 4 frames but 01_0014 has 3/);
  });

  test('damaged or missing truth', async () => {
    const damaged = told('avenue', async (official) => {
      await avenue(official);
      await writeFile(join(official, 'testing_label_mask/2_label.mat'), 'x');
    });
    expect(await damaged).toContain('2_label.mat: cannot be read');
    const missing = told('shanghaitech', async (official) => {
      await shanghaitech(official);
      await rm(join(official, 'testing/test_frame_mask/02_0001.npy'));
    });
    expect(await missing).toContain('02_0001.npy: is missing');
    const picture = told('ucsd', async (official) => {
      await ucsd(official);
      for (const name of ['001.tif', '002.tif'])
        await writeFile(join(official, 'Train/Train002', name), 'x');
    });
    expect(await picture).toMatch(/Train002: holds no picture that is whole/);
    const cut = told('avenue', async (official) => {
      await avenue(official);
      const whole = gunzipSync(await readFile(new URL('labels-v73.mat.gz', import.meta.url)));
      await writeFile(join(official, 'testing_label_mask/1_label.mat'), whole.subarray(0, 3000));
    });
    expect(await cut).toMatch(/1_label.mat: cannot be read: it is MATLAB 7.3 .*damaged/);
  });

  test('an output folder that holds something; an empty one is taken', async () => {
    const folder = await temporaryFolder();
    const [official, out] = [join(folder, 'official'), join(folder, 'out')];
    await avenue(official);
    await put(join(out, 'mine.txt'), 'mine');
    await expect(importDataset('avenue', official, out)).rejects.toThrow(UserError);
    expect(await readdir(out)).toEqual(['mine.txt']);
    await rm(join(out, 'mine.txt'));
    await importDataset('avenue', official, out);
    expect((await readDataset(out)).testing.length).toBe(2);
  });
});

test('ranges of MATLAB: several, single frames, comments', () => {
  const text =
    'a.gt_frame = [5:90, 140:200];\n% a.gt_frame = [1:2];\nb.gt_frame=[7 9:11];\nc.gt_frame = [];';
  expect(parseRanges(text)).toEqual([
    [
      [5, 90],
      [140, 200],
    ],
    [
      [7, 7],
      [9, 11],
    ],
    [],
  ]);
  expect(() => parseRanges('a.gt_frame = [1:end];')).toThrow('1:end');
});

const official = testData('data/ped2/labels');

test.skipIf(!existsSync(official))(
  'the official ranges of Ped2 give its labels (needs data/ped2 of M2S2L_TEST_DATA)',
  async () => {
    const ranges = parseRanges(await readFile(join(official, 'UCSDped2.m'), 'utf8'));
    const { clips } = JSON.parse(await readFile(join(official, 'frame_labels.json'), 'utf8'));
    for (const [i, stretches] of ranges.entries()) {
      const labels: number[] = clips[String(i + 1).padStart(2, '0')];
      const within = (frame: number) =>
        stretches.some(([first, last]) => frame >= first && frame <= last);
      expect(labels).toEqual(labels.map((_, at) => Number(within(at + 1))));
    }
    expect(ranges.length).toBe(12);
  },
);
