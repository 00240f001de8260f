import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { buildFolder } from '../../src/files/folder.ts';
import { temporaryFolders } from './temporary-folder.ts';

const temporaryFolder = temporaryFolders();

const hello = (folder: string) => writeFile(join(folder, 'hello'), 'world');

describe('a folder is whole or not there:', () => {
  test('it is built beside, then there at once', async () => {
    const place = await temporaryFolder();
    await buildFolder(join(place, 'new/inner'), async (folder) => {
      await hello(folder);
      expect(await readdir(join(place, 'new'))).toEqual([
        expect.stringMatching(/^inner\..*\.tmp$/),
      ]);
    });
    expect(await readFile(join(place, 'new/inner/hello'), 'utf8')).toBe('world');
    expect(await readdir(join(place, 'new'))).toEqual(['inner']);
  });

  test('one that is empty is taken', async () => {
    const place = await temporaryFolder();
    await mkdir(join(place, 'empty'));
    await buildFolder(join(place, 'empty'), hello);
    expect(await readdir(join(place, 'empty'))).toEqual(['hello']);
  });

  test('a fault while it is built leaves nothing', async () => {
    const place = await temporaryFolder();
    const building = buildFolder(join(place, 'new'), async (folder) => {
      await hello(folder);
      throw new Error('no more');
    });
    await expect(building).rejects.toThrow('no more');
    expect(await readdir(place)).toEqual([]);
  });

  test('what is there already stays, and nothing is built', async () => {
    const place = await temporaryFolder();
    await hello(place);
    const never = () => expect.unreachable();
    await expect(buildFolder(place, never)).rejects.toThrow(UserError);
    await expect(buildFolder(join(place, 'hello'), never)).rejects.toThrow(/is a file/);
    expect(await readdir(place)).toEqual(['hello']);
  });
});
