import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { UserError } from '../errors.ts';
import type { Size } from '../video/frame.ts';

/**
 * Reads the pixel truth of one frame.
 * @param size of the original pictures
 * @returns `[height, width]`, 1 where the mask is not black: anomalous
 * @throws UserError when the file is damaged or of another size
 */
export async function readMask(path: string, size: Size): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`${path}: the mask cannot be read (${error.code})`);
  });
  const { data, info } = await decode(bytes).catch(() => {
    throw new UserError(`${path}: the mask is damaged or no picture`);
  });
  if (info.width !== size.width || info.height !== size.height) {
    throw new UserError(
      `${path}: the mask is ${info.width}x${info.height} but the frames are ${size.width}x${size.height}`,
    );
  }
  const mask = new Uint8Array(size.width * size.height);
  for (let i = 0; i < data.length; i++) {
    if (data[i] !== 0) mask[Math.floor(i / info.channels)] = 1;
  }
  return mask;
}

// Async, since sharp throws at once for a file without a byte.
async function decode(bytes: Uint8Array) {
  return await sharp(bytes, { failOn: 'warning' })
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
}
