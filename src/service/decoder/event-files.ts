import { join } from 'node:path';
import sharp from 'sharp';
import { UserError } from '../../errors.ts';
import { writeFileAtomically } from '../../files/atomic.ts';
import { heatColour, heatOf } from '../../scoring/colormap.ts';
import { openVideoWriter } from '../../video/write.ts';
import type { Heatmap } from '../parts.ts';
import type { KeptPicture } from './kept-pictures.ts';

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

/** Frames a second of a clip, at which pictures are shown for as long as they lasted. */
const clipFps = 10;

/**
 * Writes an MP4 of kept pictures at their true pace: what came slower is shown longer.
 * @param pictures at least one, the first first
 * @throws UserError where the disk is full or the place may not be written
 */
export async function writeClip(pictures: readonly KeptPicture[], path: string): Promise<void> {
  const first = pictures[0]!;
  const last = pictures.at(-1)!;
  const { width, height } = await sharp(first.jpeg).metadata();
  const writer = await openVideoWriter(path, { width, height, fps: clipFps });
  try {
    let shown = -1;
    let pixels: Uint8Array = new Uint8Array();
    const frames = Math.floor(((last.time - first.time) / 1000) * clipFps) + 1;
    for (let frame = 0; frame < frames; frame++) {
      const time = first.time + (frame * 1000) / clipFps;
      const before = shown;
      // Half a frame ahead, so that pictures at the very rate of the clip are each shown once.
      while (shown < 0 || (pictures[shown + 1]?.time ?? Infinity) <= time + 500 / clipFps) shown++;
      if (shown !== before) pixels = await decode(pictures[shown]!.jpeg, width, height);
      await writer.write(pixels);
    }
    await writer.close();
  } catch (error) {
    await writer.abort();
    if (error instanceof UserError) throw error;
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
  }
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
