import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readModel } from '../src/detector/model-file.ts';
import { openStore } from '../src/service/store/open-store.ts';
import { temporaryFolders } from './files/temporary-folder.ts';

/** A folder for each released version, with a model and a database that it wrote. */
const released = join(import.meta.dirname, 'released');
const versions = await readdir(released);
const folder = temporaryFolders();

describe.each(versions)('of version %s', (version) => {
  test('a model is read', async () => {
    const { description } = await readModel(join(released, version, 'model'));
    expect(description.provenance.frames).toBeGreaterThan(0);
  });

  test('a data folder is opened, with its cameras and settings', async () => {
    const data = await folder();
    await copyFile(join(released, version, 'service.db'), join(data, 'service.db'));
    const store = openStore(data);
    try {
      const [camera] = store.cameras();
      expect(camera).toMatchObject({
        id: 'yard',
        settings: { name: 'Yard', model: 'upcam-tiny', budget: { alarmsPerDay: 3 } },
      });
    } finally {
      store.close();
    }
  });
});
