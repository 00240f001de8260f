import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { checkConfigurationFile } from '../../src/service/config/configuration.ts';
import { configurationSchema } from '../../src/service/config/configuration-schema.ts';
import { exampleConfiguration } from '../../src/service/config/example.ts';
import { temporaryFolders } from '../files/temporary-folder.ts';

const folder = temporaryFolders();

/** The example with its secrets as texts, since their files are nowhere. */
const plain = (text: string): object =>
  JSON.parse(
    text
      .replaceAll(/\{\s*"fromFile":\s*"[^"]*gate[^"]*"\s*\}/g, '"rtsp://10.0.0.9/1"')
      .replaceAll(/\{\s*"fromFile":\s*"[^"]*"\s*\}/g, '"a long secret"'),
  );

async function check(value: unknown) {
  const path = join(await folder(), 'm2s2l.json');
  await writeFile(path, JSON.stringify(value));
  return checkConfigurationFile(path);
}

test('the example is one that can be used, and the schema knows it', async () => {
  const { configuration, faults } = await check(plain(JSON.stringify(exampleConfiguration)));
  expect(faults).toEqual([]);
  expect(configuration!.cameras[0]!.budget.alarmsPerDay).toBe(4);
  const schema = z.fromJSONSchema(configurationSchema());
  expect(schema.safeParse(exampleConfiguration).error).toBeUndefined();
  expect(schema.safeParse({ cameras: [{ id: 'gate', colour: 'red' }] }).success).toBe(false);
});

test('everything that is wrong is told at once', async () => {
  const { faults } = await check({
    colour: 'red',
    storage: { maxBytes: 5 },
    webhooks: [{ url: 'ftp://x', secret: '***' }],
    cameras: [
      { id: 'gate', name: 'Gate', source: { kind: 'rtsp', url: 'rtsp://10.0.0.1/' } },
      { id: 'gate', name: 'Gate 2', source: { kind: 'rtsp', url: 'http://10.0.0.1/' }, fps: 99 },
    ],
  });
  for (const start of [
    'colour: is not a known key',
    'storage.maxBytes: ',
    'webhooks[0].url: ',
    'webhooks[0].secret: write what it is, not ***',
    'cameras[1].source.url: ',
    'cameras[1].fps: ',
    'cameras[1].id: "gate" is the id of cameras[0], too',
  ])
    expect(
      faults.some((fault) => fault.startsWith(start)),
      `${start} in ${faults}`,
    ).toBe(true);
});
