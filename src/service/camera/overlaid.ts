import sharp, { type OverlayOptions } from 'sharp';
import { heatPicture } from '../../scoring/heat-picture.ts';
import type { Heatmap, LivePicture } from '../parts.ts';

/** Pixels that a heatmap is wide before it is brought to the picture's size, about. */
const HEATMAP_WIDTH = 320;

const ALARM = 'rgb(196,22,28)';

/** A live picture with the heatmap of the last score over it, and a frame around it while an alarm goes on. */
export async function overlaid(
  { time, jpeg }: LivePicture,
  heatmap: Heatmap | undefined,
  alarm: boolean,
): Promise<LivePicture> {
  const picture = sharp(jpeg);
  const { width, height } = await picture.metadata();
  const layers: OverlayOptions[] = [];
  if (heatmap) {
    const { rgba, ...size } = heatPicture(heatmap.data, heatmap, HEATMAP_WIDTH);
    const drawn = sharp(rgba, { raw: { ...size, channels: 4 } }).resize(width, height, {
      fit: 'fill',
    });
    layers.push({ input: await drawn.png({ compressionLevel: 1 }).toBuffer() });
  }
  if (alarm) {
    const frame = `<svg width="${width}" height="${height}"><rect width="100%" height="100%" fill="none" stroke="${ALARM}" stroke-width="8"/></svg>`;
    layers.push({ input: Buffer.from(frame) });
  }
  if (layers.length === 0) return { time, jpeg };
  return { time, jpeg: await picture.composite(layers).jpeg({ quality: 80 }).toBuffer() };
}
