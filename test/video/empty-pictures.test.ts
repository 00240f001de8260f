import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openVideo } from '../../src/video/open.ts';
import { collect, plain, temporaryFolders, writePicture } from './footage.ts';

const temporary = temporaryFolders();
const size = { width: 16, height: 8 };
const format = { ...size, channels: 1 } as const;

test.each(['jpg', 'png', 'tif', 'bmp'])(
  'of a %s without a byte the frame before stands in',
  async (extension) => {
    const folder = await temporary();
    await writePicture(join(folder, '1.png'), size, plain(size, 90));
    await writeFile(join(folder, `2.${extension}`), '');
    await writePicture(join(folder, '3.png'), size, plain(size, 30));
    const frames = await collect(await openVideo(folder, format));
    expect(frames.map(({ corrupt }) => corrupt)).toEqual([false, true, false]);
  },
);
