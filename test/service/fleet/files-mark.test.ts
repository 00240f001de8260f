import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { requireSharedFolder } from '../../../src/service/fleet/files-mark.ts';
import { temporaryFolders } from '../../files/temporary-folder.ts';

const temporary = temporaryFolders();

test('a folder is made for a new fleet, and known again', async () => {
  const folder = join(await temporary(), 'files');
  requireSharedFolder(folder, 'one', true);
  requireSharedFolder(folder, 'one', true);
  requireSharedFolder(folder, 'one', false);
  expect(() => requireSharedFolder(folder, 'two', true)).toThrow('belongs to another fleet');
});

test('one that is not mounted is refused, and one that was moved here is taken', async () => {
  const folder = join(await temporary(), 'files');
  expect(() => requireSharedFolder(folder, 'one', false)).toThrow('see that it is mounted');
  await mkdir(join(folder, 'models'), { recursive: true });
  requireSharedFolder(folder, 'one', false);
  await rm(join(folder, 'models'), { recursive: true });
  requireSharedFolder(folder, 'one', false);
});
