import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import sharp from 'sharp';
import { openVideoFile } from './decode.ts';
import type { Size } from './frame.ts';
import type { Picture } from './picture.ts';

/**
 * Reads one JPEG, PNG, TIFF or BMP picture: 8 bits a channel, gray or RGB, any transparency
 * dropped. An orientation noted in the file is not followed.
 * @returns undefined where the file is damaged or no picture
 */
export async function readStill(path: string): Promise<Picture | undefined> {
  // libvips has no BMP loader; FFmpeg has.
  if (extname(path).toLowerCase() === '.bmp') return readWithFFmpeg(path);
  const bytes = await readFile(path);
  const decoded = await decodeStill(bytes).catch(() => undefined);
  if (!decoded) return undefined;
  const { data, info } = decoded;
  const { width, height, channels } = info;
  if (channels !== 1 && channels !== 3) throw new Error(`${path}: ${channels} channels decoded`);
  return { width, height, channels, stride: width * channels, data };
}

/** Size of a picture from its header; undefined where that is damaged. */
export async function stillSize(path: string): Promise<Size | undefined> {
  if (extname(path).toLowerCase() === '.bmp') return readWithFFmpeg(path);
  const bytes = await readFile(path);
  const header = await sharp(bytes)
    .metadata()
    .catch(() => undefined);
  return header && { width: header.width, height: header.height };
}

function decodeStill(bytes: Uint8Array) {
  // failOn: a truncated or damaged JPEG must be an error, not a picture that is half gray.
  return sharp(bytes, { failOn: 'warning' })
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
}

async function readWithFFmpeg(path: string): Promise<Picture | undefined> {
  const file = await openVideoFile(path).catch(() => undefined);
  if (!file) return undefined;
  for await (const { picture } of file.shots({ channels: 3, original: false })) {
    // The decoder's memory goes with the loop.
    return picture && { ...picture, data: picture.data.slice() };
  }
  return undefined;
}
