import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Frame as DecodedFrame } from 'node-av';
import sharp from 'sharp';
import { openVideoFile } from './decode.ts';
import { loadFFmpeg } from './ffmpeg.ts';
import type { Size } from './frame.ts';

/**
 * Reads one JPEG, PNG, TIFF or BMP picture: 8 bits a channel, gray or RGB, any transparency
 * dropped, upright by the orientation that the file notes.
 * @returns undefined where the file is damaged or no picture; to be freed by the caller
 */
export async function readStill(path: string): Promise<DecodedFrame | undefined> {
  // libvips has no BMP loader; FFmpeg has.
  if (extname(path).toLowerCase() === '.bmp') return readWithFFmpeg(path);
  const ffmpeg = await loadFFmpeg();
  const bytes = await readFile(path);
  const decoded = await decodeStill(bytes).catch(() => undefined);
  if (!decoded) return undefined;
  const { width, height, channels } = decoded.info;
  const gray = channels === 1;
  if (!gray && channels !== 3) throw new Error(`${path}: ${channels} channels decoded`);
  const picture = ffmpeg.Frame.fromVideoBuffer(decoded.data, {
    width,
    height,
    format: gray ? ffmpeg.AV_PIX_FMT_GRAY8 : ffmpeg.AV_PIX_FMT_RGB24,
  });
  picture.colorRange = ffmpeg.AVCOL_RANGE_JPEG;
  return picture;
}

/** Size of a picture, upright, from its header; undefined where that is damaged. */
export async function stillSize(path: string): Promise<Size | undefined> {
  if (extname(path).toLowerCase() === '.bmp') {
    using picture = await readWithFFmpeg(path);
    return picture && { width: picture.width, height: picture.height };
  }
  const bytes = await readFile(path);
  const header = await readHeader(bytes).catch(() => undefined);
  return header && { width: header.autoOrient.width, height: header.autoOrient.height };
}

// Async, since sharp throws at once for a file without a byte.
async function readHeader(bytes: Uint8Array) {
  return await sharp(bytes).metadata();
}

async function decodeStill(bytes: Uint8Array) {
  // failOn: a truncated or damaged JPEG must be an error, not a picture that is half gray.
  return await sharp(bytes, { failOn: 'warning' })
    .autoOrient()
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
}

async function readWithFFmpeg(path: string): Promise<DecodedFrame | undefined> {
  const file = await openVideoFile(path).catch(() => undefined);
  if (!file) return undefined;
  for await (const { picture } of file.shots()) {
    // The decoder's own picture goes with the loop.
    return picture?.clone() ?? undefined;
  }
  return undefined;
}
