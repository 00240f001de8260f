import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { inNaturalOrder } from '../../src/video/folder.ts';
import { openVideo } from '../../src/video/open.ts';
import { collect, plain, temporaryFolders } from './footage.ts';

const temporaryFolder = temporaryFolders();

test.each([
  ['numbers', ['1.jpg', '2.jpg', '10.jpg']],
  ['numbers with and without zeros', ['a1.png', 'a02.png', 'a3.png', 'a10.png']],
  ['times with decimals', ['1700000000.25.jpg', '1700000000.5.jpg', '1700000001.125.jpg']],
  ['times with and without decimals', ['9.jpg', '10.jpg', '10.25.jpg', '10.5.jpg', '11.jpg']],
  ['small times', ['0.001.jpg', '0.01.jpg', '0.1.jpg', '0.5.jpg']],
  ['decimals of one length', ['7.125.tif', '7.250.tif', '7.500.tif', '12.000.tif']],
  ['a counter after a dot', ['cam.1.jpg', 'cam.9.jpg', 'cam.10.jpg', 'cam.25.jpg']],
  ['counters after a number', ['1.1.jpg', '1.9.jpg', '1.10.jpg', '1.25.jpg', '2.1.jpg']],
  ['words', ['a.jpg', 'b.jpg']],
])('%s are in their order', (_, names) => {
  expect(inNaturalOrder(names.toReversed())).toEqual(names);
  expect(inNaturalOrder([...names.slice(1), names[0]!])).toEqual(names);
});

test('pictures are upright by the orientation that they note', async () => {
  const folder = await temporaryFolder();
  const size = { width: 40, height: 20 };
  // The left half is dark; turned to the right, that is the upper one.
  const pixels = plain(size, 200).map((value, at) => ((at / 3) % 40 < 20 ? 50 : value));
  const picture = sharp(pixels, { raw: { ...size, channels: 3 } });
  await picture.withMetadata({ orientation: 6 }).png().toFile(join(folder, '1.png'));
  const format = { width: 8, height: 16, channels: 1 } as const;
  const video = await openVideo(folder, format, { original: true });
  expect(video.source).toEqual({ width: 20, height: 40 });
  const [frame] = await collect(video);
  expect(frame!.original).toMatchObject({ width: 20, height: 40 });
  expect([frame!.data[0], frame!.data[7], frame!.data.at(-1)]).toEqual([50, 50, 200]);
});
