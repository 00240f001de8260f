import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openClips } from '../../src/datasets/cache.ts';
import { readDataset } from '../../src/datasets/layout.ts';
import { readMask } from '../../src/datasets/mask.ts';
import { UserError } from '../../src/errors.ts';
import { testData } from '../test-data.ts';
import { plain, temporaryFolders, writePicture } from '../video/footage.ts';

const temporaryFolder = temporaryFolders();
const size = { width: 8, height: 6 };

/** Files with nothing in them: the layout is read without opening the clips. */
async function touch(folder: string, ...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), '');
  }
}

async function told(path: string): Promise<string> {
  const error = await readDataset(path).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).not.toContain('\n');
  return (error as UserError).message;
}

test('a folder with training and testing, frames and videos, labels and masks', async () => {
  const folder = await temporaryFolder();
  await touch(folder, 'training/frames/02/000.jpg', 'training/frames/10/000.jpg');
  await touch(
    folder,
    'training/videos/05/05-18.mp4',
    'training/videos/01.avi',
    'training/videos/notes.md',
  );
  await touch(
    folder,
    'testing/frames/01/000.jpg',
    'testing/frames/01/001.jpg',
    'testing/videos/02.mp4',
  );
  await touch(folder, 'testing/masks/01/000.png', 'testing/masks/01/001.png');
  await mkdir(join(folder, 'labels'));
  await writeFile(
    join(folder, 'labels/frame_labels.json'),
    JSON.stringify({ source: 'by hand', convention: 'any', clips: { '01': [0, 1] } }),
  );
  const dataset = await readDataset(folder);
  expect(dataset.training).toEqual([
    { name: '01', path: join(folder, 'training/videos/01.avi') },
    { name: '02', path: join(folder, 'training/frames/02') },
    { name: '05/05-18', path: join(folder, 'training/videos/05/05-18.mp4') },
    { name: '10', path: join(folder, 'training/frames/10') },
  ]);
  expect(dataset.testing).toEqual([
    {
      name: '01',
      path: join(folder, 'testing/frames/01'),
      labels: Uint8Array.of(0, 1),
      masks: ['000.png', '001.png'].map((name) => join(folder, 'testing/masks/01', name)),
    },
    { name: '02', path: join(folder, 'testing/videos/02.mp4'), labels: null, masks: null },
  ]);
  expect(dataset.labelSource).toBe('by hand');
});

test('a video, a folder of videos and a folder of frames are normal training clips', async () => {
  const folder = await temporaryFolder();
  await touch(folder, 'videos/a.mp4', 'videos/day/b.mkv', 'frames/0.png', 'odd.name');
  const names = async (path: string) => {
    const { training, testing, labelSource } = await readDataset(join(folder, path));
    expect(testing).toEqual([]);
    expect(labelSource).toBeNull();
    return training.map((clip) => clip.name);
  };
  expect(await names('videos')).toEqual(['a', 'day/b']);
  expect(await names('frames')).toEqual(['frames']);
  // A file that is named may be called anything.
  expect(await names('odd.name')).toEqual(['odd']);
});

describe('told in one line', () => {
  test('a path that does not exist, an empty folder, a folder of nothing known', async () => {
    const folder = await temporaryFolder();
    expect(await told(join(folder, 'none'))).toBe(`${join(folder, 'none')}: does not exist`);
    expect(await told(folder)).toBe(`${folder}: the folder is empty`);
    await touch(folder, 'notes.md');
    expect(await told(folder)).toContain('no videos and no pictures');
    await mkdir(join(folder, 'training'));
    expect(await told(folder)).toContain('holds no clips');
  });

  test('two clips of one name', async () => {
    const folder = await temporaryFolder();
    await touch(folder, 'testing/videos/01.mp4', 'testing/frames/01/0.png');
    const message = await told(folder);
    for (const part of ['01', 'videos/01.mp4', 'frames/01']) expect(message).toContain(part);
  });

  test.each([
    ['{"clips": ', 'JSON'],
    ['[]', 'the top'],
    ['{"clips": {"01": [0, 2]}}', 'clips.01.1'],
    ['{"clips": {"01": 7}}', 'clips.01'],
    ['{"clips": {"99": [0]}}', '99'],
  ])('labels %s', async (text, part) => {
    const folder = await temporaryFolder();
    await touch(folder, 'testing/videos/01.mp4', 'labels/frame_labels.json');
    const path = join(folder, 'labels/frame_labels.json');
    await writeFile(path, text);
    const message = await told(folder);
    expect(message.startsWith(path)).toBe(true);
    expect(message).toContain(part);
  });
});

describe('labels and masks are as many as the frames', () => {
  async function dataset(labels: number[], masks: number) {
    const folder = await temporaryFolder();
    await touch(folder, 'labels/frame_labels.json', 'testing/frames/07/x', 'testing/masks/07/x');
    for (let i = 0; i < 3; i++) {
      await writePicture(join(folder, `testing/frames/07/${i}.png`), size, plain(size, i));
    }
    await touch(folder, ...Array.from({ length: masks }, (_, i) => `testing/masks/07/${i}.png`));
    await writeFile(
      join(folder, 'labels/frame_labels.json'),
      JSON.stringify({ clips: { '07': labels } }),
    );
    const { testing } = await readDataset(folder);
    return openClips(testing, { ...size, channels: 1 }, { cacheDir: join(folder, 'cache') });
  }

  test('told with the clip and both numbers where they are not', async () => {
    await expect(dataset([0, 1], 3)).rejects.toThrow(/clip 07 has 3 frames but 2 labels/);
    await expect(dataset([0, 1, 1], 4)).rejects.toThrow(/clip 07 has 3 frames but 4 masks/);
    await expect(dataset([0, 1], 3)).rejects.toThrow(UserError);
    const clips = await dataset([0, 1, 1], 3);
    expect(clips.map((clip) => clip.frames)).toEqual([3]);
    for (const clip of clips) await clip.close();
  });
});

test('a mask is 1 where it is not black', async () => {
  const path = join(await temporaryFolder(), 'm.png');
  const picture = plain(size, 0);
  picture.fill(255, 9, 12);
  picture[30] = 1;
  await writePicture(path, size, picture);
  const expected = new Uint8Array(48);
  expected[3] = expected[10] = 1;
  expect(await readMask(path, size)).toEqual(expected);
  await expect(readMask(path, { width: 9, height: 6 })).rejects.toThrow(/8x6.*9x6/);
  await writeFile(path, 'no picture');
  await expect(readMask(path, size)).rejects.toThrow(UserError);
  await writeFile(path, '');
  await expect(readMask(path, size)).rejects.toThrow(/mask is damaged/);
  await expect(readMask(`${path}.none`, size)).rejects.toThrow(UserError);
});

const shared = testData('data');

test.skipIf(!existsSync(shared))(
  'Ped2 and upcam are read (needs data of M2S2L_TEST_DATA)',
  async () => {
    const ped2 = await readDataset(join(shared, 'ped2'));
    expect([ped2.training.length, ped2.testing.length]).toEqual([16, 12]);
    const labels = ped2.testing.flatMap((clip) => [...clip.labels!]);
    expect(labels.length).toBe(2010);
    expect(labels.filter(Boolean).length).toBe(1648);
    expect(ped2.labelSource).toContain('UCSDped2.m');
    const upcam = await readDataset(join(shared, 'upcam'));
    expect([upcam.training.length, upcam.testing.length]).toEqual([30, 1]);
    expect(upcam.training[0]!.name).toBe('05/05-00');
    expect(upcam.testing[0]!.labels!.length).toBe(18066);

    const cacheDir = await temporaryFolder();
    const testing = [ped2.testing[2]!, upcam.testing[0]!];
    const clips = await openClips(testing, { width: 32, height: 16, channels: 1 }, { cacheDir });
    expect(
      clips.map(({ frames, fps, source, corrupt }) => ({ frames, fps, source, corrupt })),
    ).toEqual([
      { frames: 150, fps: 10, source: { width: 360, height: 240 }, corrupt: [] },
      { frames: 18066, fps: 5, source: { width: 128, height: 64 }, corrupt: [] },
    ]);
    for (const clip of clips) await clip.close();
    // The official labels are where the mask is not empty.
    const { labels: third, masks } = ped2.testing[2]!;
    for (const at of [0, 145, 146, 149]) {
      const mask = await readMask(masks![at]!, { width: 360, height: 240 });
      expect(Number(mask.includes(1))).toBe(third![at]);
    }
  },
);

test('labels with a byte order mark, of a clip with the name of a prototype', async () => {
  const folder = await temporaryFolder();
  await touch(folder, 'testing/videos/__proto__.mp4', 'testing/videos/constructor.mp4');
  await mkdir(join(folder, 'labels'));
  const labels = '\uFEFF{"clips": {"__proto__": [0, 1], "constructor": [1]}}';
  await writeFile(join(folder, 'labels/frame_labels.json'), labels);
  const { testing } = await readDataset(folder);
  expect(testing.map(({ name, labels }) => [name, [...labels!]])).toEqual([
    ['__proto__', [0, 1]],
    ['constructor', [1]],
  ]);
  await writeFile(join(folder, 'labels/frame_labels.json'), '{"clips": {"__proto__": [2]}}');
  expect(await told(folder)).toContain('wrong at clips.__proto__.0');
  await writeFile(join(folder, 'labels/frame_labels.json'), '{"clips": [[2]]}');
  expect(await told(folder)).toContain('wrong at clips: ');
});

test('what cannot be read to an end is told, and never waited for', async () => {
  expect(await told('/dev/zero')).toContain('/dev/zero: is a device and no file');
  const folder = await temporaryFolder();
  const within = join(folder, 'a');
  await mkdir(within);
  execFileSync('mkfifo', [join(within, '1.mp4')]);
  expect(await told(within)).toContain('1.mp4: is a named pipe');
  expect(await told(join(within, '1.mp4'))).toContain('is a named pipe');
  await rename(join(within, '1.mp4'), join(within, '1.jpg'));
  expect(await told(within)).toContain('1.jpg: is a named pipe');
  await rm(join(within, '1.jpg'));
  await symlink('nowhere.png', join(within, '2.png'));
  expect(await told(within)).toContain('2.png: is a link to nothing');
  await rm(join(within, '2.png'));
  await symlink('3.png', join(within, '3.png'));
  expect(await told(within)).toContain('3.png: is a link that leads in a circle');
  await symlink(within, join(folder, 'loop'));
  await rm(join(within, '3.png'));
  await symlink(folder, join(within, 'up'));
  await touch(within, '4.mp4');
  expect((await readDataset(within)).training.map(({ name }) => name)).toEqual(['4']);
});
