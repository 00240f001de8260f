import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FoundCameras } from '../contract/discovery.ts';

/**
 * Video devices of this machine that give pictures, by their numbers. A camera has a device for its
 * metadata, too, which comes after the one of its pictures under the same name.
 * @param root where Linux lists them
 */
export async function usbCameras(root = '/sys/class/video4linux'): Promise<FoundCameras['usb']> {
  const names = await readdir(root).catch(() => []);
  const numbers = names
    .flatMap((name) => /^video(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
  const found = [];
  for (const number of numbers) {
    const read = (file: string) =>
      readFile(join(root, `video${number}`, file), 'utf8').then(
        (text) => text.trim(),
        () => undefined,
      );
    if (((await read('index')) ?? '0') !== '0') continue;
    found.push({ device: `/dev/video${number}`, name: (await read('name')) || 'Camera' });
  }
  return found;
}
