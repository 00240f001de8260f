import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach } from 'vitest';
import type { Frame, Size } from '../../src/video/frame.ts';
import { openVideoWriter } from '../../src/video/write.ts';

/** Folders that are gone when the test that asked for them is over. */
export function temporaryFolders(): () => Promise<string> {
  const folders: string[] = [];
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'm2s2l-test-'));
    folders.push(folder);
    return folder;
  };
}

/** A picture of one colour, interleaved RGB. */
export function plain({ width, height }: Size, r: number, g = r, b = r): Uint8Array {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i += 3) data.set([r, g, b], i);
  return data;
}

/** A picture that a compressor cannot make small; the same for the same seed. */
export function noise({ width, height }: Size, seed: number): Uint8Array {
  const data = new Uint8Array(width * height * 3);
  let state = seed * 2654435761 + 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state >>> 24;
  }
  return data;
}

export async function writeVideo(
  path: string,
  size: Size & { fps: number },
  pictures: readonly Uint8Array[],
): Promise<void> {
  const writer = await openVideoWriter(path, size);
  for (const picture of pictures) await writer.write(picture);
  await writer.close();
}

export async function writePicture(path: string, size: Size, rgb: Uint8Array): Promise<void> {
  const picture = sharp(rgb, { raw: { ...size, channels: 3 } });
  // What sharp writes into a TIFF unless told is JPEG.
  if (/\.tiff?$/.test(path)) picture.tiff({ compression: 'lzw' });
  await picture.toFile(path);
}

export async function jpeg(size: Size, rgb: Uint8Array): Promise<Buffer> {
  return sharp(rgb, { raw: { ...size, channels: 3 } })
    .jpeg({ quality: 95 })
    .toBuffer();
}

/** An AVI of JPEGs, written by hand so that each picture's bytes can be anything. */
export async function writeAvi(
  path: string,
  { width, height, fps }: Size & { fps: number },
  pictures: readonly Uint8Array[],
): Promise<void> {
  const chunk = (id: string, data: Uint8Array) => {
    const head = Buffer.alloc(8);
    head.write(id, 'latin1');
    head.writeUInt32LE(data.length, 4);
    return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
  };
  const list = (id: string, ...parts: Buffer[]) =>
    chunk('LIST', Buffer.concat([Buffer.from(id, 'latin1'), ...parts]));
  const words = (...values: (number | string)[]) =>
    Buffer.concat(
      values.map((value) => {
        const word = Buffer.alloc(4);
        if (typeof value === 'string') word.write(value, 'latin1');
        else word.writeUInt32LE(value);
        return word;
      }),
    );
  const count = pictures.length;
  const header = words(1e6 / fps, 0, 0, 16, count, 0, 1, 1 << 20, width, height, 0, 0, 0, 0);
  const stream = words('vids', 'MJPG', 0, 0, 0, 1, fps, 0, count, 1 << 20, 0, 0, 0, 0);
  const format = words(40, width, height, 1 | (24 << 16), 'MJPG', width * height * 3, 0, 0, 0, 0);
  const offsets: Buffer[] = [];
  let offset = 4;
  const frames = pictures.map((picture) => {
    const frame = chunk('00dc', picture);
    offsets.push(words('00dc', 16, offset, picture.length));
    offset += frame.length;
    return frame;
  });
  const body = Buffer.concat([
    Buffer.from('AVI '),
    list('hdrl', chunk('avih', header), list('strl', chunk('strh', stream), chunk('strf', format))),
    list('movi', ...frames),
    chunk('idx1', Buffer.concat(offsets)),
  ]);
  await writeFile(path, chunk('RIFF', body));
}

/** An uncompressed 24-bit BMP. */
export async function writeBmp(path: string, { width, height }: Size, rgb: Uint8Array) {
  const stride = Math.ceil((width * 3) / 4) * 4;
  const file = Buffer.alloc(54 + stride * height);
  file.write('BM', 'latin1');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = ((height - 1 - y) * width + x) * 3;
      file.set([rgb[from + 2]!, rgb[from + 1]!, rgb[from]!], 54 + y * stride + x * 3);
    }
  }
  await writeFile(path, file);
}

export async function collect(source: AsyncIterable<Frame>): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of source) frames.push(frame);
  return frames;
}

/** The mean of some bytes. */
export function mean(bytes: Uint8Array): number {
  return bytes.reduce((sum, value) => sum + value, 0) / bytes.length;
}
