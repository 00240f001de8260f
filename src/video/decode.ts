import { setImmediate } from 'node:timers/promises';
import type { Codec, FormatContext, Stream } from 'node-av';
import { UserError } from '../errors.ts';
import { type FFmpeg, loadFFmpeg } from './ffmpeg.ts';
import { PictureDecoder } from './picture-decoder.ts';
import { frameRate } from './rate.ts';
import type { Reel, Shot } from './reel.ts';

/** Frames a second of a video that has none. */
const assumedFps = 25;

/**
 * Decoding runs on this thread (a call into the pool for each small picture would cost more than
 * decoding it); after so many milliseconds timers, signals and sockets get their turn.
 */
const turn = 10;

const playlists = ['concat', 'hls', 'dash', 'imf'];

/** Why a file of this format of FFmpeg's is no video of its own, if it is none. */
export function notAVideo(format: string): string | undefined {
  // FFmpeg takes any text for a picture of a text terminal.
  if (format === 'tty') return 'it is text';
  // What such a file shows lies elsewhere: its bytes would not tell when that changes.
  return playlists.includes(format) ? 'it is a list of other files' : undefined;
}

/** A demuxer, open on the best video stream of a file. */
interface OpenFile {
  readonly format: FormatContext;
  readonly stream: Stream;
  readonly decoder: Codec;
}

/**
 * A video file through FFmpeg, in this process.
 * @param fps for videos that have none; default 25
 * @throws UserError when the file is no video that FFmpeg reads
 */
export async function openVideoFile(path: string, fps?: number): Promise<Reel> {
  const ffmpeg = await loadFFmpeg();
  const file = await openFile(ffmpeg, path);
  try {
    const stated = frameRate(ffmpeg, file.format, file.stream);
    const rate = stated ?? fps ?? assumedFps;
    return {
      fps: rate,
      rateFrom: stated ? 'video' : fps ? 'option' : 'assumed',
      expectedFrames: countFrames(file, rate),
      shots: () => decode(ffmpeg, path),
    };
  } finally {
    await file.format.closeInput();
  }
}

async function openFile(ffmpeg: FFmpeg, path: string): Promise<OpenFile> {
  const format = new ffmpeg.FormatContext();
  // Only this file, under this very name: no playlists to other places, no `%d` patterns.
  const options = ffmpeg.Dictionary.fromObject({
    protocol_whitelist: 'file',
    pattern_type: 'none',
  });
  const opened = await format.openInput(`file:${path}`, null, options);
  if (opened < 0) throw noVideo(path, ffmpeg.FFmpegError.strerror(opened));
  try {
    const unfit = notAVideo(format.iformat?.name ?? '');
    if (unfit) throw noVideo(path, unfit);
    const found = await format.findStreamInfo();
    if (found < 0) throw noVideo(path, ffmpeg.FFmpegError.strerror(found));
    const best = format.findBestStream(ffmpeg.AVMEDIA_TYPE_VIDEO, -1, -1, true);
    const stream = format.streams[best.streamIndex];
    if (
      best.streamIndex < 0 ||
      !stream ||
      stream.hasDisposition(ffmpeg.AV_DISPOSITION_ATTACHED_PIC)
    ) {
      throw noVideo(path, 'it has no video stream');
    }
    if (!best.decoder) throw noVideo(path, 'there is no decoder for it');
    return { format, stream, decoder: best.decoder };
  } catch (error) {
    await format.closeInput();
    throw error;
  }
}

async function openDecoder(
  ffmpeg: FFmpeg,
  path: string,
  { format, stream, decoder }: OpenFile,
): Promise<PictureDecoder> {
  try {
    return await PictureDecoder.open(ffmpeg, format, stream, decoder);
  } catch (error) {
    await format.closeInput();
    throw noVideo(path, (error as Error).message);
  }
}

function noVideo(path: string, why: string): UserError {
  return new UserError(`${path}: cannot be read as a video (${why})`);
}

function countFrames({ stream, format }: OpenFile, fps: number): number | undefined {
  if (stream.nbFrames > 0n) return Number(stream.nbFrames);
  const { num, den } = stream.timeBase;
  if (stream.duration > 0n) return Math.round(((Number(stream.duration) * num) / den) * fps);
  if (format.duration > 0n) return Math.round((Number(format.duration) / 1e6) * fps);
  return undefined;
}

/** One shot for each decoded picture, and one without picture for each packet that gave an error. */
async function* decode(ffmpeg: FFmpeg, path: string): AsyncGenerator<Shot, undefined> {
  const file = await openFile(ffmpeg, path);
  const decoder = await openDecoder(ffmpeg, path, file);
  const packet = new ffmpeg.Packet();
  packet.alloc();
  try {
    let turnEnds = performance.now() + turn;
    // Like FFmpeg itself, a container that cannot be read further ends here.
    while (file.format.readFrameSync(packet) >= 0) {
      // AVI writes an empty packet where a frame was dropped in recording: there is no picture.
      const wanted = packet.streamIndex === file.stream.index && packet.size > 0;
      if (wanted) yield* decoder.decode(packet);
      packet.unref();
      if (performance.now() > turnEnds) {
        await setImmediate();
        turnEnds = performance.now() + turn;
      }
    }
    yield* decoder.decode(null);
  } finally {
    packet.free();
    decoder.free();
    await file.format.closeInput();
  }
}
