import { copyFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadModel } from '../src/detector/model.ts';
import { readModel } from '../src/detector/model-file.ts';
import { openStore } from '../src/service/store/sqlite/open-store.ts';
import { temporaryFolders } from './files/temporary-folder.ts';

/** A folder for each released version, with a model and a database that it wrote. */
const released = join(import.meta.dirname, 'released');
const versions = await readdir(released);
const folder = temporaryFolders();

test('a model that version 0.1.0 brought is read and scores', async () => {
  const folder = join(import.meta.dirname, '../models/ped2-base');
  const { format } = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
  expect(format).toBe(4);
  const model = await loadModel(folder);
  try {
    const { width, height, channels } = model.detector.format;
    async function* still() {
      for (let i = 0; i < model.detector.clipLength; i++)
        yield new Uint8Array(width * height * channels).fill(90);
    }
    const maps: Float32Array[] = [];
    for await (const errors of model.detector.errors(still()))
      for (const map of Object.values(errors ?? {}))
        if (map instanceof Float32Array) maps.push(map);
    expect(maps.length).toBeGreaterThan(0);
    for (const map of maps) expect(map.every(Number.isFinite)).toBe(true);
  } finally {
    await model.release();
  }
});

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
