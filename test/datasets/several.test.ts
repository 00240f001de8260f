import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readDatasets } from '../../src/datasets/several.ts';
import { temporaryFolders } from '../files/temporary-folder.ts';

const temporaryFolder = temporaryFolders();

/** Files with nothing in them: the layout is read without opening the clips. */
async function touch(folder: string, ...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), '');
  }
}

const names = (clips: readonly { name: string }[]) => clips.map(({ name }) => name);

test('one is read as it is', async () => {
  const folder = await temporaryFolder();
  await touch(folder, 'a.mp4');
  const path = join(folder, 'a.mp4');
  const alone = { name: 'a', path, training: [{ name: 'a', path }] };
  expect(await readDatasets(path)).toMatchObject(alone);
  expect(await readDatasets([path])).toMatchObject(alone);
});

test('videos, folders and data sets are one, each clip named after where it is from', async () => {
  const folder = await temporaryFolder();
  const at = (path: string) => join(folder, path);
  await touch(folder, 'b.mp4', 'a.mp4', 'week/01.mp4', 'week/02.mp4');
  await touch(folder, 'ped/training/videos/01.mp4', 'ped/testing/videos/01.mp4');
  await touch(folder, 'car/testing/videos/01.mp4', 'car/testing/masks/01/000.png');
  await mkdir(at('car/labels'));
  const labels = { source: 'by hand', clips: { '01': [0, 1] } };
  await writeFile(at('car/labels/frame_labels.json'), JSON.stringify(labels));
  const both = await readDatasets(['b.mp4', 'a.mp4', 'week', 'ped', 'car'].map(at));
  expect(both.name).toBe('b, a, week, ped, car');
  expect(names(both.training)).toEqual(['b', 'a', 'week/01', 'week/02', 'ped/01']);
  expect(both.training[4]!.path).toBe(at('ped/training/videos/01.mp4'));
  expect(names(both.testing)).toEqual(['ped/01', 'car/01']);
  expect(both.testing.map((clip) => clip.labels && [...clip.labels])).toEqual([null, [0, 1]]);
  expect(both.testing[1]!.masks).toEqual([at('car/testing/masks/01/000.png')]);
  expect(both.labelSource).toBe('by hand');
});

test('what has one name in two folders is named after these, wherever they lie', async () => {
  const [one, other] = [await temporaryFolder(), await temporaryFolder()];
  const found = [];
  for (const folder of [one, other]) {
    await touch(folder, 'monday/00.mp4', 'tuesday/00.mp4');
    const paths = ['monday', 'tuesday'].map((day) => join(folder, day, '00.mp4'));
    found.push(names((await readDatasets(paths)).training));
  }
  expect(found).toEqual(Array(2).fill(['monday/00', 'tuesday/00']));
});

test('none, one that is missing, and one that is given twice are told in a line', async () => {
  const folder = await temporaryFolder();
  await touch(folder, 'a.mp4');
  const a = join(folder, 'a.mp4');
  await expect(readDatasets([])).rejects.toThrow('no footage is given');
  await expect(readDatasets([a, join(folder, 'b.mp4')])).rejects.toThrow('b.mp4: does not exist');
  await expect(readDatasets([a, join(folder, '.', 'a.mp4')])).rejects.toThrow('is given twice');
});
