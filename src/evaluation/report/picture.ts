import sharp from 'sharp';
import { heatColour, heatOf } from '../../scoring/colormap.ts';
import type { ReportPeak } from './data.ts';

/** Width in pixels that a picture is shown with at most, on a dense screen. */
const widest = 440;

/**
 * A frame with its heatmap over it, as a JPEG in a `data:` address, in the shape of the source.
 * @param level local rarity from which regions count: half of it is where the colours begin
 */
export async function pictureAddress(peak: ReportPeak, level: number): Promise<string> {
  const { format, data } = peak.picture;
  // A small camera's picture is enlarged, so that the heat over it is smooth.
  const width = Math.min(widest, Math.max(peak.source.width, widest / 2));
  const height = Math.max(1, Math.round((width * peak.source.height) / peak.source.width));
  const shape = { width, height, fit: 'fill' } as const;
  const heat = await sharp(heatPixels(peak.heatmap, level), {
    raw: { width: peak.grid.width, height: peak.grid.height, channels: 4 },
  })
    .resize({ ...shape, kernel: 'linear' })
    .png()
    .toBuffer();
  const picture = await sharp(interleaved(data, format.channels), {
    raw: { width: format.width, height: format.height, channels: format.channels },
  })
    .resize(shape)
    .toColourspace('srgb')
    .composite([{ input: heat }])
    .jpeg({ quality: 72 })
    .toBuffer();
  return `data:image/jpeg;base64,${picture.toString('base64')}`;
}

/** Colours of the cells, the clearer the less heat: `[cells, 4]`. */
function heatPixels(heatmap: Float32Array, level: number): Uint8Array {
  const pixels = new Uint8Array(heatmap.length * 4);
  for (const [i, value] of heatmap.entries()) {
    const heat = heatOf(value, level);
    pixels.set([...heatColour(heat), Math.round(255 * 0.7 * Math.sqrt(heat))], i * 4);
  }
  return pixels;
}

/** From `[channels, pixels]` to `[pixels, channels]`. */
function interleaved(planar: Uint8Array, channels: number): Uint8Array {
  const pixels = planar.length / channels;
  return Uint8Array.from(
    planar,
    (_, i) => planar[(i % channels) * pixels + Math.floor(i / channels)]!,
  );
}
