import { join } from 'node:path';
import sharp from 'sharp';
import { writeFileAtomically } from '../../files/atomic.ts';
import { heatColour, heatOf } from '../../scoring/colormap.ts';
import { openVideoWriter } from '../../video/write.ts';
import type { Heatmap } from '../parts.ts';
import { type KeptPicture, keptPerSecond } from './kept-pictures.ts';

/**
 * Writes `thumbnail.jpg` and `heatmap.png` (RGBA, as large as the heatmap's grid: what is ordinary is
 * clear) into a folder, each whole or not at all.
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
  const pixels = new Uint8Array(width * height * 4);
  data.forEach((value, at) => {
    // 255 is twice the level of a region.
    const heat = heatOf((2 * value) / 255, 1);
    pixels.set([...heatColour(heat), Math.round(255 * heat)], at * 4);
  });
  return sharp(pixels, { raw: { width, height, channels: 4 } })
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
