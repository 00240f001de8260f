import { join } from 'node:path';
import sharp from 'sharp';
import { writeFileAtomically } from '../../files/atomic.ts';
import type { OriginalPicture } from '../../video/frame.ts';
import { openVideo } from '../../video/open.ts';
import type { FootageClip } from './footage.ts';

/** A frame of a clip that is to be seen. */
export interface WantedPicture {
  readonly id: string;
  readonly clip: FootageClip;
  readonly frame: number;
}

/**
 * Writes frames as they were recorded, as `<id>.jpg` into a folder.
 * @throws UserError when the disk is full
 */
export async function writePictures(
  wanted: readonly WantedPicture[],
  folder: string,
): Promise<void> {
  for (const [clip, pictures] of Map.groupBy(wanted, ({ clip }) => clip)) {
    const last = Math.max(...pictures.map(({ frame }) => frame));
    for await (const { index, original } of await openVideo(clip.path, clip.format, {
      original: true,
    })) {
      for (const { id } of pictures.filter(({ frame }) => frame === index))
        await writeFileAtomically(join(folder, `${id}.jpg`), await jpeg(original!));
      if (index >= last) break;
    }
  }
}

function jpeg({ data, width, height }: OriginalPicture): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
}
