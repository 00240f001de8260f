import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import { readConfigurationFile } from '../../../src/service/config/configuration.ts';
import { temporaryFolders } from '../../video/footage.ts';

const folder = temporaryFolders();

async function file(content: unknown): Promise<string> {
  const path = join(await folder(), 'm2s2l.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const camera = (id: string, source: unknown = { kind: 'file', path: 'a.mp4' }) => ({
  id,
  name: id,
  source,
});

test('what it holds is taken, with defaults; what it does not hold is left out', async () => {
  const path = await file({ server: { port: 9000 }, mqtt: { url: 'mqtt://broker' } });
  const configuration = await readConfigurationFile(path);
  expect(configuration.server).toMatchObject({
    host: '127.0.0.1',
    port: 9000,
    requireToken: false,
  });
  expect(configuration.mqtt).toMatchObject({ topic: 'm2s2l' });
  expect(configuration.cameras).toEqual([]);
  expect('webhooks' in configuration || 'storage' in configuration).toBe(false);
});

test('paths are taken from its own folder; a name alone is a shipped model', async () => {
  const cameras = [
    { ...camera('a'), model: 'upcam-tiny', learning: { file: 'normal.mp4' } },
    { ...camera('b', { kind: 'folder', path: '/frames' }), model: './models/b' },
  ];
  const path = await file({ cameras });
  const [a, b] = (await readConfigurationFile(path)).cameras;
  const place = join(path, '..');
  expect(a).toMatchObject({
    source: { path: join(place, 'a.mp4') },
    model: 'upcam-tiny',
    learning: { file: join(place, 'normal.mp4') },
  });
  expect(b).toMatchObject({ source: { path: '/frames' }, model: join(place, 'models/b') });
});

test('secrets lie in files of their own, found from its own folder', async () => {
  const secret = { fromFile: 'secret' };
  const source = { kind: 'rtsp', url: { fromFile: './camera' } };
  const path = await file({
    webhooks: [{ url: 'https://x/', secret }],
    mqtt: { url: 'mqtt://broker', password: secret },
    cameras: [camera('a', source)],
  });
  await writeFile(join(path, '..', 'secret'), 'hunter22\n');
  await writeFile(join(path, '..', 'camera'), 'rtsp://u:p@yard/');
  const { webhooks, mqtt, cameras } = await readConfigurationFile(path);
  expect([webhooks![0]!.secret, mqtt!.password]).toEqual(['hunter22', 'hunter22']);
  expect(cameras[0]!.source).toMatchObject({ url: 'rtsp://u:p@yard/' });
  const missing = await file({ mqtt: { url: { fromFile: 'none' } } });
  await expect(readConfigurationFile(missing)).rejects.toThrow(/none: does not exist/);
});

describe('what is wrong in it is told with the file and the key:', () => {
  test.each<[unknown, string]>([
    [{ cameras: [camera('a', { kind: 'rtsp', url: 'http://x' })] }, 'cameras[0].source.url: '],
    [{ cameras: [camera('a'), camera('B')] }, 'cameras[1].id: '],
    [{ cameras: [{ ...camera('a'), colour: 1 }] }, 'cameras[0].colour: is not a known key'],
    [{ server: { port: 'x' } }, 'server.port: '],
    [{ mqtt: { url: 'mqtt://u:100%@x' } }, 'mqtt.url: special characters'],
    [{ webhooks: [{ url: 'https://u:%zz@x', secret: 'long enough' }] }, 'webhooks[0].url: special'],
    [
      { webhooks: ['one secret', 'other secret'].map((secret) => ({ url: 'https://x/', secret })) },
      'webhooks: two have',
    ],
    [{ servr: {} }, 'servr: is not a known key'],
    [{ webhooks: [{ url: 'https://x' }] }, 'webhooks[0].secret: '],
    [
      { cameras: [camera('a'), camera('b'), camera('a')] },
      'cameras[2].id: "a" is the id of cameras[0], too',
    ],
    [{ webhooks: [{ url: 'https://x', secret: '***' }] }, 'webhooks[0].secret: write what it is'],
    [
      { cameras: [camera('a', { kind: 'rtsp', url: 'rtsp://***@x/' })] },
      'cameras[0].source.url: write what it is',
    ],
    ['[]', 'Invalid input'],
    ['{"server": {"port": hunter2}}', 'is not valid JSON'],
    ['', 'is not valid JSON'],
    ['{"mqtt": {"password": "hunter2" "x"}}', 'is not valid JSON (line 1 column 33)'],
  ])('%j', async (content, line) => {
    const path = await file(content);
    const error = await readConfigurationFile(path).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(UserError);
    const { message } = error as UserError;
    expect(message.startsWith(`${path}: ${line}`), message).toBe(true);
    expect(message).not.toMatch(/\n|hunter2/);
  });

  test('a file that is not there, and a folder', async () => {
    const place = await folder();
    await expect(readConfigurationFile(join(place, 'no.json'))).rejects.toThrow(/does not exist/);
    await mkdir(join(place, 'x.json'));
    await expect(readConfigurationFile(join(place, 'x.json'))).rejects.toThrow(/is a folder/);
  });
});
