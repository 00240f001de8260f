import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CodecContext, Frame as EncodedFrame, FormatContext, Stream } from 'node-av';
import { diskError } from '../files/atomic.ts';
import { type FFmpeg, loadFFmpeg } from './ffmpeg.ts';
import type { Size } from './frame.ts';

export interface VideoWriter {
  /** Adds a frame. @param rgb bytes, interleaved, `[height, width, 3]` */
  write(rgb: Uint8Array): Promise<void>;
  /** Ends the video; only now does it stand under its name. */
  close(): Promise<void>;
  /** Gives up; nothing is left of it. Does nothing after {@link close}. */
  abort(): Promise<void>;
}

/**
 * Writes an MP4 that browsers play: H.264, yuv420p, the index in front. It stands under a
 * temporary name until it is closed. An odd width or height loses its last column or row, for
 * yuv420p has none such.
 * @param size of the frames, in pixels, with frames a second
 * @throws UserError when the disk is full or the place may not be written (here, at a write or at
 *   the close); the writer is aborted by then
 */
export async function openVideoWriter(
  path: string,
  size: Size & { readonly fps: number },
): Promise<VideoWriter> {
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
  let frames = 0;
  const writer: VideoWriter = {
    write: (rgb) =>
      stage(async () => {
        if (!encoder) throw new Error(`${path}: the video is closed`);
        if (rgb.length !== size.width * size.height * 3) {
          throw new Error(
            `${path}: a frame of ${rgb.length} bytes for ${size.width}x${size.height}`,
          );
        }
        encoder.fill(rgb, size.width * 3);
        await encoder.encode(frames++);
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
    encoder = await Encoder.open(ffmpeg, temporary, { ...even, fps: size.fps });
  });
  return writer;
}

/** FFmpeg's side of a video that is being written. */
class Encoder {
  readonly #ffmpeg: FFmpeg;
  readonly #format: FormatContext;
  readonly #codec: CodecContext;
  readonly #stream: Stream;
  readonly #rgb: EncodedFrame;
  readonly #yuv: EncodedFrame;
  readonly #scaler: InstanceType<FFmpeg['SoftwareScaleContext']>;

  private constructor(
    ffmpeg: FFmpeg,
    format: FormatContext,
    codec: CodecContext,
    stream: Stream,
    size: Size,
  ) {
    this.#ffmpeg = ffmpeg;
    this.#format = format;
    this.#codec = codec;
    this.#stream = stream;
    this.#rgb = allocate(ffmpeg, size, ffmpeg.AV_PIX_FMT_RGB24, ffmpeg.AVCOL_RANGE_JPEG);
    this.#yuv = allocate(ffmpeg, size, ffmpeg.AV_PIX_FMT_YUV420P, ffmpeg.AVCOL_RANGE_MPEG);
    this.#yuv.colorSpace = ffmpeg.AVCOL_SPC_SMPTE170M;
    this.#scaler = new ffmpeg.SoftwareScaleContext();
    this.#scaler.allocContext();
  }

  static async open(ffmpeg: FFmpeg, path: string, size: Size & { fps: number }): Promise<Encoder> {
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
    // Thousandths of frames: rates such as 29.97 are kept.
    codec.timeBase = new ffmpeg.Rational(1000, Math.round(size.fps * 1000));
    codec.framerate = new ffmpeg.Rational(Math.round(size.fps * 1000), 1000);
    codec.threadCount = 1;
    codec.setFlags(ffmpeg.AV_CODEC_FLAG_GLOBAL_HEADER);
    const options = ffmpeg.Dictionary.fromObject({ preset: 'veryfast', crf: '20' });
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

  /** Takes over a picture whose rows are `stride` bytes apart. */
  fill(rgb: Uint8Array, stride: number): void {
    const data = this.#rgb.data?.[0];
    const rowBytes = this.#rgb.linesize[0];
    if (!data || !rowBytes) throw new Error('FFmpeg gave a picture without bytes');
    for (let y = 0; y < this.#rgb.height; y++) {
      data.set(rgb.subarray(y * stride, y * stride + this.#rgb.width * 3), y * rowBytes);
    }
  }

  async encode(index: number): Promise<void> {
    // The encoder may still hold on to the picture before.
    check(this.#ffmpeg, this.#yuv.makeWritable());
    check(this.#ffmpeg, this.#scaler.scaleFrameSync(this.#yuv, this.#rgb));
    this.#yuv.pts = BigInt(index);
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
    this.#rgb.free();
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
