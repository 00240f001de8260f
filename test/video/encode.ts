import type { Frame as RawFrame } from 'node-av';
import { type FFmpeg, loadFFmpeg } from '../../src/video/ffmpeg.ts';
import type { Size } from '../../src/video/frame.ts';

/** How a test's video is encoded. */
export interface Encoding extends Size {
  readonly fps: number;
  /** FFmpeg's names. */
  readonly codec: string;
  readonly container: string;
  /** FFmpeg's name of the pixel format; default yuv420p. */
  readonly pixels?: string;
  readonly options?: Readonly<Record<string, string>>;
  /** Which field of an interlaced picture is the earlier one; progressive without. */
  readonly first?: 'top' | 'bottom';
  readonly fullRange?: boolean;
  /** Width of a pixel for its height. */
  readonly aspect?: readonly [number, number];
  /** First two numbers of the first two rows of the display matrix: 1, 0 or -1. */
  readonly matrix?: readonly [number, number, number, number];
  /** Seconds of each picture; default by the rate. */
  readonly times?: readonly number[];
}

/** Brightness of a pixel, 0 to 255. */
export type Luma = (x: number, y: number) => number;

/** Writes a gray video of one picture for each function; of an interlaced one for each pair. */
export async function encode(
  path: string,
  encoding: Encoding,
  pictures: readonly Luma[],
): Promise<void> {
  const ffmpeg = await loadFFmpeg();
  const { width, height, fps, first } = encoding;
  const encoder = ffmpeg.Codec.findEncoderByName(encoding.codec as never)!;
  const format = new ffmpeg.FormatContext();
  check(ffmpeg, format.allocOutputContext2(null, encoding.container, `file:${path}`));
  const codec = new ffmpeg.CodecContext();
  codec.allocContext3(encoder);
  const pixels = ffmpeg.avGetPixFmtFromName(encoding.pixels ?? 'yuv420p');
  codec.width = width;
  codec.height = height;
  codec.pixelFormat = pixels;
  codec.colorRange = encoding.fullRange ? ffmpeg.AVCOL_RANGE_JPEG : ffmpeg.AVCOL_RANGE_MPEG;
  // So that the stream notes its range, also where it is the usual one.
  codec.colorSpace = ffmpeg.AVCOL_SPC_SMPTE170M;
  codec.timeBase = new ffmpeg.Rational(1, fps);
  codec.framerate = new ffmpeg.Rational(fps, 1);
  codec.threadCount = 1;
  if (encoding.aspect) codec.sampleAspectRatio = new ffmpeg.Rational(...encoding.aspect);
  if (!['h264', 'hevc', 'mpeg2video'].includes(encoding.container))
    codec.setFlags(ffmpeg.AV_CODEC_FLAG_GLOBAL_HEADER);
  if (first)
    codec.setFlags(ffmpeg.AV_CODEC_FLAG_INTERLACED_DCT, ffmpeg.AV_CODEC_FLAG_INTERLACED_ME);
  check(ffmpeg, await codec.open2(encoder, ffmpeg.Dictionary.fromObject({ ...encoding.options })));
  const stream = format.newStream(encoder);
  stream.timeBase = codec.timeBase;
  stream.avgFrameRate = codec.framerate;
  check(ffmpeg, stream.codecpar.fromContext(codec));
  if (encoding.aspect) stream.sampleAspectRatio = codec.sampleAspectRatio;
  if (encoding.matrix) {
    const matrix = Buffer.alloc(36);
    for (const [i, at] of [0, 4, 12, 16].entries())
      matrix.writeInt32LE(encoding.matrix[i]! * 65536, at);
    matrix.writeInt32LE(1 << 30, 32);
    check(ffmpeg, stream.codecpar.addCodedSideData(ffmpeg.AV_PKT_DATA_DISPLAYMATRIX, matrix));
  }
  check(ffmpeg, await format.openOutput());
  check(ffmpeg, await format.writeHeader());

  const packet = new ffmpeg.Packet();
  packet.alloc();
  const drain = async () => {
    while (codec.receivePacketSync(packet) >= 0) {
      packet.rescaleTs(codec.timeBase, stream.timeBase);
      packet.streamIndex = stream.index;
      check(ffmpeg, await format.interleavedWriteFrame(packet));
    }
  };
  const count = first ? pictures.length >> 1 : pictures.length;
  for (let i = 0; i < count; i++) {
    const frame = allocate(ffmpeg, encoding, pixels);
    const even = pictures[first ? 2 * i + (first === 'top' ? 0 : 1) : i]!;
    const odd = pictures[first ? 2 * i + (first === 'top' ? 1 : 0) : i]!;
    fill(frame, encoding, (x, y) => (y % 2 === 0 ? even : odd)(x, y));
    if (first) frame.setFlags(ffmpeg.AV_FRAME_FLAG_INTERLACED);
    if (first === 'top') frame.setFlags(ffmpeg.AV_FRAME_FLAG_TOP_FIELD_FIRST);
    frame.pts = BigInt(Math.round((encoding.times?.[i] ?? i / fps) * fps));
    check(ffmpeg, await codec.sendFrame(frame));
    frame.free();
    await drain();
  }
  check(ffmpeg, await codec.sendFrame(null));
  await drain();
  check(ffmpeg, await format.writeTrailer());
  await format.closeOutput();
  format.freeContext();
  codec.freeContext();
  packet.free();
}

function allocate(ffmpeg: FFmpeg, encoding: Encoding, pixels: RawFrame['format']): RawFrame {
  const frame = new ffmpeg.Frame();
  frame.alloc();
  frame.format = pixels;
  frame.width = encoding.width;
  frame.height = encoding.height;
  frame.colorSpace = ffmpeg.AVCOL_SPC_SMPTE170M;
  frame.colorRange = encoding.fullRange ? ffmpeg.AVCOL_RANGE_JPEG : ffmpeg.AVCOL_RANGE_MPEG;
  check(ffmpeg, frame.getBuffer());
  return frame;
}

function fill(frame: RawFrame, { width, height, pixels, fullRange }: Encoding, luma: Luma): void {
  const deep = pixels?.includes('10') ?? false;
  const scale = (value: number) =>
    Math.round((fullRange ? value : 16 + (value * 219) / 255) * (deep ? 4 : 1));
  for (const [plane, data] of frame.data!.entries()) {
    const stride = frame.linesize[plane]!;
    if (plane > 0) {
      const rows = Math.floor(data.length / stride);
      for (let y = 0; y < rows; y++)
        for (let at = 0; at + 1 < stride; at += deep ? 2 : 1)
          if (deep) data.writeUInt16LE(512, y * stride + at);
          else data[y * stride + at] = 128;
      continue;
    }
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        if (deep) data.writeUInt16LE(scale(luma(x, y)), y * stride + 2 * x);
        else data[y * stride + x] = scale(luma(x, y));
  }
}

function check(ffmpeg: FFmpeg, code: number): void {
  ffmpeg.FFmpegError.throwIfError(code, 'encode');
}
