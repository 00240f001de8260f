import { join } from 'node:path';
import sharp from 'sharp';
import { writeFileAtomically } from '../../files/atomic.ts';
import { heatPicture } from '../../scoring/heat-picture.ts';
import type { Heatmap } from '../parts.ts';
import type { KeptPicture } from './kept-pictures.ts';

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
