import { UserError } from '../errors.ts';
import { pathKind } from '../files/path-kind.ts';
import { checkOptions } from '../options.ts';
import { looksLikeAddress, maskAddress } from './address.ts';
import { frameClock } from './clock.ts';
import { PictureConverter } from './convert.ts';
import { openVideoFile } from './decode.ts';
import { displaySize } from './display-size.ts';
import { loadFFmpeg } from './ffmpeg.ts';
import { openFrameFolder } from './folder.ts';
import type { Frame, FrameFormat, OriginalPicture, Size, VideoSource } from './frame.ts';
import { openOptions } from './open-options.ts';
import type { Reel } from './reel.ts';

export interface OpenOptions {
  /** Frames a second of a folder of frames (default 10), or of a video that has none (default 25). */
  readonly fps?: number | undefined;
  /** Give each frame its picture at its own size, too. */
  readonly original?: boolean | undefined;
}

/**
 * Opens a video: any file that FFmpeg reads, or a folder of frames (JPEG, PNG, TIFF, BMP, in
 * natural order of their names). Frames come in `format`, resized by area averaging, also where
 * the size of the pictures changes on the way; they are upright and without combing. For a picture that does not decode the one before
 * stands in (the next good one, at the front), marked `corrupt`. One picture is one frame,
 * whatever the times in the container say; see {@link frameClock} for `time`.
 *
 * The first picture is decoded here, so that a source that opens has at least one frame.
 * @throws UserError when the path does not exist, is no video, is an empty folder, or holds
 *   pictures of mixed sizes
 */
export async function openVideo(
  path: string,
  format: FrameFormat,
  options: OpenOptions = {},
): Promise<VideoSource> {
  checkOptions(openOptions, options, 'openVideo');
  const reel = await openReel(path, options.fps);
  const first = await firstPicture(reel);
  if (!first) throw new UserError(`${path}: not one picture of it can be decoded`);
  return {
    name: path,
    source: first,
    format,
    fps: reel.fps,
    rateFrom: reel.rateFrom,
    expectedFrames: reel.expectedFrames,
    live: false,
    [Symbol.asyncIterator]: () => frames(reel, format, options.original ?? false),
  };
}

async function openReel(path: string, fps: number | undefined): Promise<Reel> {
  const kind = await pathKind(path);
  if (!kind && looksLikeAddress(path))
    throw new UserError(
      `${maskAddress(path)}: is neither a file nor the address of a camera; one begins with rtsp://, rtsps://, http:// or https://, and has no spaces`,
    );
  if (!kind) throw new UserError(`${path}: does not exist`);
  return kind === 'folder' ? openFrameFolder(path, fps) : openVideoFile(path, fps);
}

async function firstPicture(reel: Reel): Promise<Size | undefined> {
  for await (const { picture } of reel.shots()) {
    if (picture) return displaySize(picture);
  }
  return undefined;
}

async function* frames(
  reel: Reel,
  format: FrameFormat,
  original: boolean,
): AsyncGenerator<Frame, undefined> {
  const converter = new PictureConverter(await loadFFmpeg());
  const clock = frameClock(reel.fps);
  let index = 0;
  let stretch = 0;
  let last: { data: Uint8Array; original?: OriginalPicture } | undefined;
  /** Times of corrupt frames at the front, which wait for the first good one. */
  const waiting: (number | undefined)[] = [];
  const next = (
    seconds: number | undefined,
    corrupt: boolean,
    shown: NonNullable<typeof last>,
  ): Frame => {
    const { time, apart } = clock(seconds);
    if (apart) stretch++;
    return { index: index++, time, stretch, corrupt, ...shown };
  };
  try {
    for await (const { picture, seconds } of reel.shots()) {
      if (picture) {
        const data = converter.toFormat(picture, format);
        last = original ? { data, original: converter.toOriginal(picture) } : { data };
      }
      if (!last) {
        waiting.push(seconds);
        continue;
      }
      for (const early of waiting.splice(0)) yield next(early, true, last);
      yield next(seconds, !picture, last);
    }
  } finally {
    converter.free();
  }
}
