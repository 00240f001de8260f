import sharp from 'sharp';
import type { AnomalyEvent } from '../contract/event.ts';

/** Pixels that a picture in a notification is wide at most: some services refuse large ones. */
const WIDEST = 640;

/**
 * The thumbnail of an event with a box around each region.
 * @returns a JPEG; the thumbnail as it is where it cannot be drawn on
 */
export async function boxedPicture(
  thumbnail: Buffer,
  { regions, size }: Pick<AnomalyEvent, 'regions' | 'size'>,
): Promise<Buffer> {
  try {
    const { data, info } = await sharp(thumbnail)
      .resize({ width: WIDEST, withoutEnlargement: true })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    const [x, y] = [width / size.width, height / size.height];
    const boxes = regions.map(
      (box) =>
        `<rect x="${box.x * x}" y="${box.y * y}" width="${box.width * x}" height="${box.height * y}"/>`,
    );
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
      <g fill="none" stroke="#ffd21f" stroke-width="3">${boxes.join('')}</g></svg>`;
    return await sharp(data, { raw: { width, height, channels } })
      .composite(regions.length > 0 ? [{ input: Buffer.from(svg) }] : [])
      .jpeg({ quality: 80 })
      .toBuffer();
  } catch {
    return thumbnail;
  }
}
