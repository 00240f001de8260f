import { setImmediate } from 'node:timers/promises';
import type { CodecContext, Frame as DecodedFrame, FormatContext, Stream } from 'node-av';
import { UserError } from '../errors.ts';
import { type FFmpeg, loadFFmpeg } from './ffmpeg.ts';
import type { Reel, Shot } from './reel.ts';

/** Frames a second of a video whose container tells none. */
const defaultFps = 25;

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

/** A demuxer and a decoder, open on the best video stream of a file. */
interface OpenFile {
  readonly format: FormatContext;
  readonly stream: Stream;
  readonly codec: CodecContext;
}

/**
 * A video file through FFmpeg, in this process, in software, on one thread (so that damaged
 * streams too decode to the same bytes each time).
 * @param fps for containers that tell none; default 25
 * @throws UserError when the file is no video that FFmpeg reads
 */
export async function openVideoFile(path: string, fps?: number): Promise<Reel> {
  const ffmpeg = await loadFFmpeg();
  const file = await openFile(ffmpeg, path);
  try {
    const rate = frameRate(file.stream) ?? fps ?? defaultFps;
    return {
      fps: rate,
      expectedFrames: countFrames(file, rate),
      shots: () => decode(ffmpeg, path),
    };
  } finally {
    await closeFile(file);
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
    const codec = new ffmpeg.CodecContext();
    codec.allocContext3(best.decoder);
    ffmpeg.FFmpegError.throwIfError(codec.parametersToContext(stream.codecpar), path);
    codec.pktTimebase = stream.timeBase;
    codec.threadCount = 1;
    const ready = await codec.open2(best.decoder);
    if (ready < 0) {
      codec.freeContext();
      throw noVideo(path, ffmpeg.FFmpegError.strerror(ready));
    }
    return { format, stream, codec };
  } catch (error) {
    await format.closeInput();
    throw error;
  }
}

async function closeFile({ format, codec }: OpenFile): Promise<void> {
  codec.freeContext();
  await format.closeInput();
}

function noVideo(path: string, why: string): UserError {
  return new UserError(`${path}: is no video that can be read (${why})`);
}

/** Frames a second by what the container says, if it says anything that can be. */
export function frameRate(stream: Stream): number | undefined {
  for (const { num, den } of [stream.avgFrameRate, stream.rFrameRate]) {
    // Clocks of 1000 and more are time bases that a container gives for want of a rate.
    if (num > 0 && den > 0 && num / den < 1000) return num / den;
  }
  return undefined;
}

function countFrames({ stream, format }: OpenFile, fps: number): number | undefined {
  if (stream.nbFrames > 0n) return Number(stream.nbFrames);
  const { num, den } = stream.timeBase;
  if (stream.duration > 0n) return Math.round(((Number(stream.duration) * num) / den) * fps);
  if (format.duration > 0n) return Math.round((Number(format.duration) / 1e6) * fps);
  return undefined;
}

/** Whether the decoder found damage in a picture that it gave. */
export function isBroken(ffmpeg: FFmpeg, frame: DecodedFrame): boolean {
  return frame.decodeErrorFlags !== 0 || frame.hasFlags(ffmpeg.AV_FRAME_FLAG_CORRUPT);
}

/** The time that the container gives a picture, in seconds from any origin, if it gives one. */
export function pictureTime(
  ffmpeg: FFmpeg,
  frame: DecodedFrame,
  { timeBase: { num, den } }: Stream,
): number | undefined {
  const pts = frame.bestEffortTimestamp;
  return pts === ffmpeg.AV_NOPTS_VALUE ? undefined : (Number(pts) * num) / den;
}

/** One shot for each decoded picture, and one without picture for each packet that gave an error. */
async function* decode(ffmpeg: FFmpeg, path: string): AsyncGenerator<Shot, undefined> {
  const file = await openFile(ffmpeg, path);
  const { format, stream, codec } = file;
  const packet = new ffmpeg.Packet();
  const frame = new ffmpeg.Frame();
  packet.alloc();
  frame.alloc();
  const shot = (): Shot => ({
    picture: isBroken(ffmpeg, frame) ? undefined : frame,
    seconds: pictureTime(ffmpeg, frame, stream),
  });

  try {
    let turnEnds = performance.now() + turn;
    for (let ended = false; !ended; ) {
      // Like FFmpeg itself, a container that cannot be read further ends here.
      ended = format.readFrameSync(packet) < 0;
      let lost = false;
      if (!ended) {
        // AVI writes an empty packet where a frame was dropped in recording: there is no picture.
        const wanted = packet.streamIndex === stream.index && packet.size > 0;
        lost = wanted && codec.sendPacketSync(packet) < 0;
        packet.unref();
        if (!wanted) continue;
      } else {
        codec.sendPacketSync(null);
      }
      for (;;) {
        const received = codec.receiveFrameSync(frame);
        if (received === ffmpeg.AVERROR_EAGAIN || received === ffmpeg.AVERROR_EOF) break;
        if (received < 0) {
          // However often one packet fails, it was one picture.
          if (lost) break;
          lost = true;
          continue;
        }
        yield shot();
        frame.unref();
      }
      if (lost && !ended) yield { picture: undefined, seconds: undefined };
      if (performance.now() > turnEnds) {
        await setImmediate();
        turnEnds = performance.now() + turn;
      }
    }
  } finally {
    frame.free();
    packet.free();
    await closeFile(file);
  }
}
