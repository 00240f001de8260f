import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openLive } from '../../src/video/live/open.ts';
import { StreamLost } from '../../src/video/live/stream.ts';
import { plain, temporaryFolders, writePicture, writeVideo } from './footage.ts';

const temporaryFolder = temporaryFolders();
const size = { width: 64, height: 48 };

test('what a delay of the reader missed is not made up for, of a file and of a folder', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'a.mp4');
  const pictures = Array.from({ length: 5 }, (_, at) => plain(size, 40 * at));
  await writeVideo(path, { ...size, fps: 10 }, pictures);
  for (const at of [0, 1]) await writePicture(join(folder, `${at}.png`), size, pictures[at]!);
  const streams = [
    await openLive({ kind: 'file', path }),
    await openLive({ kind: 'folder', path: folder, fps: 10 }),
  ];
  for (const stream of streams) {
    expect(stream.fps).toBe(10);
    for (let at = 0; at < 3; at++) expect((await stream.next())?.width).toBe(64);
  }
  await sleep(2000);
  for (const stream of streams) {
    await stream.next();
    const began = performance.now();
    for (let at = 0; at < 6; at++) expect((await stream.next())?.width).toBe(64);
    expect(performance.now() - began).toBeGreaterThan(500);
    await stream.close();
    await stream.close();
  }
});

test('what cannot be opened is told in a few words', async () => {
  const folder = await temporaryFolder();
  const text = join(folder, 'a.mp4');
  await writeFile(text, 'not a video at all\n'.repeat(100));
  await writeFile(join(folder, '0.png'), 'no picture');
  const fails = async (source: Parameters<typeof openLive>[0]) => {
    const opened = openLive(source).then((stream) => stream.next());
    await expect(opened).rejects.toThrow(StreamLost);
    return opened.catch((error: Error) => error.message);
  };
  expect(await fails({ kind: 'file', path: text })).toMatch(/Invalid data|text/);
  expect(await fails({ kind: 'file', path: join(folder, 'none.mp4') })).toBe(
    'No such file or directory',
  );
  expect(await fails({ kind: 'folder', path: folder, fps: 30 })).toBe(
    'not one picture of it can be decoded',
  );
  expect(await fails({ kind: 'usb', device: '/dev/video99' })).not.toBe('');
  expect(await fails({ kind: 'http', url: 'http://127.0.0.1:1/' })).toBe('Connection refused');
});
