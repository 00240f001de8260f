import { join } from 'node:path';
import sharp from 'sharp';
import { writeFileAtomically } from '../../files/atomic.ts';
import { heatPicture } from '../../scoring/heat-picture.ts';
import { openVideoWriter } from '../../video/write.ts';
import type { Heatmap } from '../parts.ts';
import { type KeptPicture, keptPerSecond } from './kept-pictures.ts';

/** Pixels that a heatmap is wide, about. */
const HEATMAP_WIDTH = 320;

/**
 * Writes `thumbnail.jpg` and `heatmap.png` (RGBA, to be laid over it: what is ordinary is clear) into a
 * folder, each whole or not at all.
 * @throws UserError where the disk is full or the folder may not be written
 */
export async function writeThumbnail(
  { jpeg }: KeptPicture,
  heatmap: Heatmap,
  folder: string,
): Promise<void> {
  await writeFileAtomically(join(folder, 'thumbnail.jpg'), jpeg);
  await writeFileAtomically(join(folder, 'heatmap.png'), await drawHeatmap(heatmap));
}

function drawHeatmap({ width, height, data }: Heatmap): Promise<Uint8Array> {
  const drawn = heatPicture(data, { width, height }, HEATMAP_WIDTH, { always: true });
  return sharp(drawn.rgba, { raw: { width: drawn.width, height: drawn.height, channels: 4 } })
    .png()
    .toBuffer();
}

/**
 * Writes an MP4 of kept pictures at the pace at which they came.
 * @param pictures at least one, the first first
 * @throws UserError where the disk is full or the place may not be written
 */
export async function writeClip(pictures: readonly KeptPicture[], path: string): Promise<void> {
  const first = pictures[0]!;
  const { width, height } = await sharp(first.jpeg).metadata();
  const writer = await openVideoWriter(path, { width, height, fps: keptPerSecond });
  for (const { time, jpeg } of pictures)
    await writer.write(await decode(jpeg, width, height), (time - first.time) / 1000);
  await writer.close();
}

/** The camera may have changed its size in between: all are brought to one. */
async function decode(jpeg: Uint8Array, width: number, height: number): Promise<Uint8Array> {
  return sharp(jpeg)
    .resize(width, height, { fit: 'fill' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer();
}
