import sharp from 'sharp';
import { UserError } from '../../errors.ts';
import { openVideoWriter, type VideoWriter } from '../../video/write.ts';
import { type KeptPicture, type KeptPictures, keptPerSecond } from './kept-pictures.ts';

interface Opened {
  readonly writer: VideoWriter;
  readonly width: number;
  readonly height: number;
  /** Time of its first picture. */
  readonly from: number;
}

/**
 * An MP4 of kept pictures at the pace at which they came. It is written as they come, so that it may be
 * longer than they are kept.
 */
export class Film {
  readonly #pictures: Pick<KeptPictures, 'between'>;
  readonly #path: string;
  /** Times after it are still to be written. */
  #written: number;
  #opened: Opened | undefined;
  #work: Promise<void> = Promise.resolve();

  /** @param from of its first picture, in milliseconds since 1970 */
  constructor(pictures: Pick<KeptPictures, 'between'>, from: number, path: string) {
    this.#pictures = pictures;
    this.#path = path;
    this.#written = from - 1;
  }

  /**
   * Writes the pictures up to a time, that one included, as far as they are there.
   * @throws UserError where the disk is full or the place may not be written; nothing is left of it
   */
  until(time: number): Promise<void> {
    this.#work = this.#work.then(async () => {
      const pictures = this.#pictures.between(this.#written + 1, time);
      for (const picture of pictures) {
        this.#opened ??= await this.#open(picture);
        const { writer, width, height, from } = this.#opened;
        const pixels = await decode(picture.jpeg, width, height);
        await writer.write(pixels, (picture.time - from) / 1000);
        this.#written = picture.time;
      }
    });
    // Its end throws it.
    this.#work.catch(() => undefined);
    return this.#work;
  }

  /** @throws UserError where there is not one picture, or as {@link until} */
  async end(time: number): Promise<void> {
    await this.until(time);
    if (!this.#opened) throw new UserError(`${this.#path}: no picture is kept of that time`);
    await this.#opened.writer.close();
  }

  async #open({ jpeg, time }: KeptPicture): Promise<Opened> {
    const { width, height } = await sharp(jpeg).metadata();
    const writer = await openVideoWriter(this.#path, { width, height, fps: keptPerSecond });
    return { writer, width, height, from: time };
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
