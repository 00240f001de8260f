import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readModel, writeModel } from '../../src/detector/model-file.ts';
import { UserError } from '../../src/errors.ts';
import { sharedFolder } from '../cli/footage.ts';
import { temporaryFolders } from '../files/temporary-folder.ts';
import { trainTiny } from '../training/tiny-model.ts';

const shared = sharedFolder(trainTiny);
const temporaryFolder = temporaryFolders();

test('a model that is written reads as it was', async () => {
  const model = await readModel(join(shared(), 'model'));
  const folder = await temporaryFolder();
  await writeModel(folder, model);
  expect(await readModel(folder)).toEqual(model);
});

test('where model.json cannot be written no weights are left', async () => {
  const model = await readModel(join(shared(), 'model'));
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'model.json'));
  await expect(writeModel(folder, model)).rejects.toThrow(UserError);
  expect(await readdir(folder)).toEqual(['model.json']);
});
