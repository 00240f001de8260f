import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { openVideo } from '../../src/video/open.ts';
import { openVideoWriter } from '../../src/video/write.ts';

const footage = fileURLToPath(new URL('../../demo/upcam/testing/videos/00.mp4', import.meta.url));

export const pictureSize = { width: 640, height: 320 };

/** JPEGs of the demo's footage, one a second of it, as wide as a camera's. */
export async function demoPictures(count: number): Promise<Buffer[]> {
  const video = await openVideo(
    footage,
    { width: 16, height: 16, channels: 1 },
    { original: true },
  );
  const pictures: Buffer[] = [];
  for await (const { index, original } of video) {
    if (index % 5 === 0) pictures.push(await scaled(original!.data, original!));
    if (pictures.length === count) break;
  }
  return pictures;
}

const scaled = (data: Uint8Array, { width, height }: { width: number; height: number }) =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .resize(pictureSize.width, pictureSize.height, { kernel: 'cubic' })
    .jpeg({ quality: 80 })
    .toBuffer();

/** A spot on a grid, 0 to 255: where something stands out. */
function spot(size: number, x: number, y: number, strength: number): Uint8Array {
  const data = new Uint8Array(size * size);
  for (let i = 0; i < data.length; i++) {
    const distance = ((i % size) / size - x) ** 2 + (Math.floor(i / size) / size - y) ** 2;
    data[i] = Math.round(255 * strength * Math.exp(-distance * 60));
  }
  return data;
}

/** A heatmap as events keep it: transparent where nothing is. */
async function heatmapPng(size: number, values: Uint8Array): Promise<Buffer> {
  const rgba = new Uint8Array(size * size * 4);
  values.forEach((value, i) => void rgba.set([255, Math.max(0, 190 - value), 0, value], i * 4));
  return sharp(rgba, { raw: { width: size, height: size, channels: 4 } })
    .png()
    .toBuffer();
}

/** A short clip that browsers play: H.264, ten seconds. */
async function writeClip(path: string, pictures: readonly Buffer[]): Promise<void> {
  const writer = await openVideoWriter(path, { ...pictureSize, fps: 5 });
  for (const picture of pictures)
    for (let i = 0; i < 2; i++)
      await writer.write(await sharp(picture).removeAlpha().raw().toBuffer());
  await writer.close();
}

/** What the events of a fake service show, written once into a folder. */
export async function writeEventFiles(
  folder: string,
  pictures: readonly Buffer[],
  variants: number,
): Promise<void> {
  for (let i = 0; i < variants; i++) {
    await writeFile(join(folder, `${i}.jpg`), pictures[i % pictures.length]!);
    const values = spot(24, 0.2 + 0.6 * ((i * 0.37) % 1), 0.3 + 0.5 * ((i * 0.61) % 1), 0.9);
    await writeFile(join(folder, `${i}.png`), await heatmapPng(24, values));
  }
  await writeClip(join(folder, 'clip.mp4'), pictures.slice(0, 25));
}
