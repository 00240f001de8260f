import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CodecContext, Frame as EncodedFrame, FormatContext, Stream } from 'node-av';
import { diskError } from '../files/atomic.ts';
import { type FFmpeg, loadFFmpeg } from './ffmpeg.ts';
import type { Size } from './frame.ts';

export interface VideoWriter {
  /**
   * Adds a frame.
   * @param pixels as the options say; by default interleaved RGB, `[height, width, 3]`
   * @param seconds since the first frame, rising; by default one frame's length after the last
   */
  write(pixels: Uint8Array, seconds?: number): Promise<void>;
  /** Ends the video; only now does it stand under its name. */
  close(): Promise<void>;
  /** Gives up; nothing is left of it. Does nothing after {@link close}. */
  abort(): Promise<void>;
}

export interface VideoWriterOptions extends Size {
  /** Frames a second. */
  readonly fps: number;
  /** H.264's constant rate factor: 0 is lossless, 10 nearly, 20 (default) looks the same. */
  readonly crf?: number;
  /** How pixels lie: interleaved RGB (default), or the planes of a `Frame` with 3 channels or 1. */
  readonly pixels?: 'rgb' | 'rgb planes' | 'gray';
}

/**
 * Writes an MP4 that browsers play: H.264, yuv420p, the index in front. It stands under a
 * temporary name until it is closed. An odd width or height loses its last column or row, for
 * yuv420p has none such.
 * @throws UserError when the disk is full or the place may not be written (here, at a write or at
 *   the close); the writer is aborted by then
 */
export async function openVideoWriter(
  path: string,
  size: VideoWriterOptions,
): Promise<VideoWriter> {
  const { crf = 20, pixels = 'rgb' } = size;
  const bytes = size.width * size.height * (pixels === 'gray' ? 1 : 3);
  const even = { width: size.width & ~1, height: size.height & ~1 };
  if (even.width < 2 || even.height < 2 || !(size.fps > 0)) {
    throw new Error(`${path}: a video of ${size.width}x${size.height} at ${size.fps} fps`);
  }
  const ffmpeg = await loadFFmpeg();
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  const stage = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      await writer.abort();
      throw diskError(error, path);
    }
  };
  let encoder: Encoder | undefined;
  /** In thousandths of a frame's length, as all times of the file. */
  let next = 0;
  const writer: VideoWriter = {
    write: (frame, seconds) =>
      stage(async () => {
        if (!encoder) throw new Error(`${path}: the video is closed`);
        if (frame.length !== bytes) {
          throw new Error(
            `${path}: a frame of ${frame.length} bytes for ${size.width}x${size.height}`,
          );
        }
        encoder.fill(frame, size);
        const time =
          seconds === undefined
            ? next
            : Math.max(next - 999, Math.round(seconds * size.fps * 1000));
        await encoder.encode(time);
        next = time + 1000;
      }),
    close: () =>
      stage(async () => {
        if (!encoder) throw new Error(`${path}: the video is closed`);
        await encoder.finish();
        await encoder.free();
        encoder = undefined;
        const file = await open(temporary);
        await file.sync().finally(() => file.close());
        await rename(temporary, path);
      }),
    async abort() {
      await encoder?.free();
      encoder = undefined;
      await rm(temporary, { force: true });
    },
  };
  await mkdir(dirname(path), { recursive: true }).catch((error) => {
    throw diskError(error, path);
  });
  await stage(async () => {
    // Node's errors name what is wrong with a place; FFmpeg's do not.
    await (await open(temporary, 'wx')).close();
    encoder = await Encoder.open(ffmpeg, temporary, { ...even, fps: size.fps, crf, pixels });
  });
  return writer;
}

/** FFmpeg's names for how pixels lie, where it keeps the planes, and bytes of a pixel in each. */
const layouts = {
  rgb: { format: 'AV_PIX_FMT_RGB24', planes: [0], bytes: 3 },
  // It keeps them as green, blue, red.
  'rgb planes': { format: 'AV_PIX_FMT_GBRP', planes: [2, 0, 1], bytes: 1 },
  gray: { format: 'AV_PIX_FMT_GRAY8', planes: [0], bytes: 1 },
} as const;

/** FFmpeg's side of a video that is being written. */
class Encoder {
  readonly #ffmpeg: FFmpeg;
  readonly #format: FormatContext;
  readonly #codec: CodecContext;
  readonly #stream: Stream;
  readonly #layout: (typeof layouts)[keyof typeof layouts];
  readonly #given: EncodedFrame;
  readonly #yuv: EncodedFrame;
  readonly #scaler: InstanceType<FFmpeg['SoftwareScaleContext']>;

  private constructor(
    ffmpeg: FFmpeg,
    format: FormatContext,
    codec: CodecContext,
    stream: Stream,
    size: Required<VideoWriterOptions>,
  ) {
    this.#ffmpeg = ffmpeg;
    this.#format = format;
    this.#codec = codec;
    this.#stream = stream;
    this.#layout = layouts[size.pixels];
    const pixels = ffmpeg[this.#layout.format];
    this.#given = allocate(ffmpeg, size, pixels, ffmpeg.AVCOL_RANGE_JPEG);
    this.#yuv = allocate(ffmpeg, size, ffmpeg.AV_PIX_FMT_YUV420P, ffmpeg.AVCOL_RANGE_MPEG);
    this.#yuv.colorSpace = ffmpeg.AVCOL_SPC_SMPTE170M;
    this.#scaler = new ffmpeg.SoftwareScaleContext();
    this.#scaler.allocContext();
  }

  static async open(
    ffmpeg: FFmpeg,
    path: string,
    size: Required<VideoWriterOptions>,
  ): Promise<Encoder> {
    const encoder = ffmpeg.Codec.findEncoderByName(ffmpeg.FF_ENCODER_LIBX264);
    if (!encoder) throw new Error('this FFmpeg has no H.264 encoder');
    const format = new ffmpeg.FormatContext();
    check(ffmpeg, format.allocOutputContext2(null, 'mp4', `file:${path}`));
    const codec = new ffmpeg.CodecContext();
    codec.allocContext3(encoder);
    codec.width = size.width;
    codec.height = size.height;
    codec.pixelFormat = ffmpeg.AV_PIX_FMT_YUV420P;
    codec.colorRange = ffmpeg.AVCOL_RANGE_MPEG;
    codec.colorSpace = ffmpeg.AVCOL_SPC_SMPTE170M;
    // Thousandths of frames: rates such as 29.97 are kept, and frames that are early or late.
    codec.timeBase = new ffmpeg.Rational(1, Math.round(size.fps * 1000));
    codec.framerate = new ffmpeg.Rational(Math.round(size.fps * 1000), 1000);
    codec.threadCount = 1;
    codec.setFlags(ffmpeg.AV_CODEC_FLAG_GLOBAL_HEADER);
    const options = ffmpeg.Dictionary.fromObject({ preset: 'veryfast', crf: String(size.crf) });
    check(ffmpeg, await codec.open2(encoder, options));
    const stream = format.newStream(encoder);
    stream.timeBase = codec.timeBase;
    stream.avgFrameRate = codec.framerate;
    check(ffmpeg, stream.codecpar.fromContext(codec));
    check(ffmpeg, await format.openOutput());
    const header = ffmpeg.Dictionary.fromObject({ movflags: '+faststart' });
    check(ffmpeg, await format.writeHeader(header));
    return new Encoder(ffmpeg, format, codec, stream, size);
  }

  /** Takes over a picture of a size that may be a column or row more than this one's. */
  fill(pixels: Uint8Array, { width, height }: Size): void {
    const { planes, bytes } = this.#layout;
    const stride = width * bytes;
    for (const [at, plane] of planes.entries()) {
      const data = this.#given.data?.[plane];
      const rowBytes = this.#given.linesize[plane];
      if (!data || !rowBytes) throw new Error('FFmpeg gave a picture without bytes');
      const used = this.#given.width * bytes;
      for (let y = 0; y < this.#given.height; y++) {
        const from = (at * height + y) * stride;
        data.set(pixels.subarray(from, from + used), y * rowBytes);
      }
    }
  }

  async encode(time: number): Promise<void> {
    // The encoder may still hold on to the picture before.
    check(this.#ffmpeg, this.#yuv.makeWritable());
    check(this.#ffmpeg, this.#scaler.scaleFrameSync(this.#yuv, this.#given));
    this.#yuv.pts = BigInt(time);
    check(this.#ffmpeg, await this.#codec.sendFrame(this.#yuv));
    await this.#drain();
  }

  async finish(): Promise<void> {
    check(this.#ffmpeg, await this.#codec.sendFrame(null));
    await this.#drain();
    check(this.#ffmpeg, await this.#format.writeTrailer());
  }

  async free(): Promise<void> {
    await this.#format.closeOutput();
    this.#format.freeContext();
    this.#codec.freeContext();
    this.#scaler.freeContext();
    this.#given.free();
    this.#yuv.free();
  }

  async #drain(): Promise<void> {
    const ffmpeg = this.#ffmpeg;
    using packet = new ffmpeg.Packet();
    packet.alloc();
    for (;;) {
      const received = this.#codec.receivePacketSync(packet);
      if (received === ffmpeg.AVERROR_EAGAIN || received === ffmpeg.AVERROR_EOF) return;
      check(ffmpeg, received);
      packet.rescaleTs(this.#codec.timeBase, this.#stream.timeBase);
      packet.duration = 0n;
      packet.streamIndex = this.#stream.index;
      check(ffmpeg, await this.#format.interleavedWriteFrame(packet));
    }
  }
}

function allocate(
  ffmpeg: FFmpeg,
  size: Size,
  format: EncodedFrame['format'],
  range: EncodedFrame['colorRange'],
): EncodedFrame {
  const frame = new ffmpeg.Frame();
  frame.alloc();
  frame.format = format;
  frame.width = size.width;
  frame.height = size.height;
  frame.colorRange = range;
  check(ffmpeg, frame.getBuffer());
  return frame;
}

/** Throws what FFmpeg says; a fault of the disk with the code that Node.js gives it. */
function check(ffmpeg: FFmpeg, code: number): void {
  if (code >= 0) return;
  const error: NodeJS.ErrnoException = new Error(ffmpeg.FFmpegError.strerror(code));
  if (code === ffmpeg.AVERROR_ENOSPC) error.code = 'ENOSPC';
  throw error;
}
