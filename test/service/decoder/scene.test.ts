import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readScene, writeScene } from '../../../src/service/decoder/scene-file.ts';
import { jpeg, noise } from '../../video/footage.ts';
import { until } from './heard.ts';
import { watching } from './watched.ts';

const { mjpegCamera, temporaryFolder, watched } = watching();
const size = { width: 64, height: 36 };
const scene = { learning: 1000, averaging: 1000, lasting: 500 };

test('the scene is learned, kept, and told where it is another; learned again on demand', async () => {
  const [here, there] = await Promise.all([1, 2].map((seed) => jpeg(size, noise(size, seed))));
  const server = await mjpegCamera();
  server.picture = async () => here!;
  const { decoder, heard, folder } = await watched(server.source, { times: { scene } });
  const path = join(folder, 'scene.json');
  let kept: string | undefined;
  const read = setInterval(async () => {
    kept = await readFile(path, 'utf8').catch(() => undefined);
  }, 50);
  await until(() => kept !== undefined, 'the file of the scene');
  const first = kept;
  expect(await readScene(path)).toMatchObject({ longestStill: expect.any(Number) });
  server.picture = async () => there!;
  await until(() => heard.scenes.length > 0, 'the change');
  expect(heard.scenes).toEqual(['moved']);
  decoder.learnScene();
  await until(() => heard.scenes.length > 1, 'its end');
  expect(heard.scenes).toEqual(['moved', null]);
  await until(() => kept !== first, 'the new look in the file');
  clearInterval(read);

  // What was learned is known after a crash, too.
  process.kill(decoder.pid!, 'SIGKILL');
  await until(() => heard.offline.length === 1, 'the crash');
  server.picture = async () => here!;
  await until(() => heard.scenes.length > 2, 'the change after the restart');
  process.kill(decoder.pid!, 'SIGKILL');
  await until(() => heard.offline.length === 2, 'another crash');
  server.picture = async () => there!;
  await until(() => heard.scenes.length > 3, 'its end after the restart');
  expect(heard.scenes).toEqual(['moved', null, 'moved', null]);
  expect(heard.frames.length).toBeGreaterThan(10);
});

test('a scene is read as it was written; a damaged file is learned anew', async () => {
  const path = join(await temporaryFolder(), 'a', 'scene.json');
  expect(await readScene(path)).toBeUndefined();
  const edges = Float32Array.from({ length: 64 * 36 }, (_, at) => (at % 50) / 4);
  const look = { luminance: 90.5, contrast: 20, texture: 3.25, edges };
  await writeScene(path, { longestStill: 1500, changing: 0.5, look });
  expect(await readScene(path)).toEqual({ longestStill: 1500, changing: 0.5, look });
  const text = await readFile(path, 'utf8');
  for (const damaged of [text.slice(0, 500), '{}', text.replace('90.5', 'null')]) {
    await writeFile(path, damaged);
    expect(await readScene(path)).toBeUndefined();
  }
});

test('a picture that no longer changes is told as frozen, until it changes again', async () => {
  const still = noise(size, 1);
  const [one, other] = await Promise.all([
    jpeg(size, still),
    jpeg(
      size,
      still.map((value, i) => (i < 30 ? 255 - value : value)),
    ),
  ]);
  const server = await mjpegCamera();
  server.picture = async (index) => (index % 2 ? one! : other!);
  const times = { scene: { ...scene, freezing: 1000 } };
  const { heard, folder } = await watched(server.source, { times });
  const path = join(folder, 'scene.json');
  await until(() => existsSync(path), 'the file of the scene');
  server.picture = async () => one!;
  await until(() => heard.scenes.length > 0, 'that it is frozen');
  server.picture = async (index) => (index % 2 ? one! : other!);
  await until(() => heard.scenes.length > 1, 'its end');
  expect(heard.scenes).toEqual(['frozen', null]);
});
