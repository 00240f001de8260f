import type { Frame as DecodedFrame, SoftwareScaleContext } from 'node-av';
import { displaySize } from './display-size.ts';
import type { FFmpeg } from './ffmpeg.ts';
import type { FrameFormat, OriginalPicture, Size } from './frame.ts';

/**
 * Brings decoded pictures of any size and pixel format to one format, through FFmpeg's swscale.
 * Its area filter makes each output pixel the mean of the area of the input that it covers, edges
 * by their fraction (to within one step in 255; a test holds it); enlarging, it interpolates
 * linearly. Gray is luma, full range.
 */
export class PictureConverter {
  readonly #ffmpeg: FFmpeg;
  readonly #scaler: SoftwareScaleContext;
  readonly #output: DecodedFrame;

  constructor(ffmpeg: FFmpeg) {
    this.#ffmpeg = ffmpeg;
    this.#scaler = new ffmpeg.SoftwareScaleContext();
    this.#scaler.allocContext();
    // Bit-exact: the same bytes on every machine. Full chroma: colour at each pixel, not each second.
    const code = this.#scaler.setOption(
      'sws_flags',
      'area+accurate_rnd+bitexact+full_chroma_int+full_chroma_inp',
    );
    ffmpeg.FFmpegError.throwIfError(code, 'set scaler flags');
    this.#output = new ffmpeg.Frame();
    this.#output.alloc();
  }

  /** @returns planar bytes `[channels, height, width]`, a copy */
  toFormat(picture: DecodedFrame, { width, height, channels }: FrameFormat): Uint8Array {
    const { AV_PIX_FMT_GRAY8, AV_PIX_FMT_GBRP } = this.#ffmpeg;
    this.#scale(picture, { width, height }, channels === 1 ? AV_PIX_FMT_GRAY8 : AV_PIX_FMT_GBRP);
    const bytes = new Uint8Array(channels * height * width);
    // FFmpeg keeps the planes as green, blue, red.
    for (const [at, plane] of (channels === 1 ? [0] : [2, 0, 1]).entries()) {
      this.#copyRows(plane, width, bytes.subarray(at * height * width, (at + 1) * height * width));
    }
    return bytes;
  }

  /** @returns a copy in RGB, by default at the size at which it is in proportion */
  toOriginal(
    picture: DecodedFrame,
    { width, height }: Size = displaySize(picture),
  ): OriginalPicture {
    this.#scale(picture, { width, height }, this.#ffmpeg.AV_PIX_FMT_RGB24);
    const data = new Uint8Array(height * width * 3);
    this.#copyRows(0, width * 3, data);
    return { width, height, data };
  }

  free(): void {
    this.#scaler.freeContext();
    this.#output.free();
  }

  #scale(picture: DecodedFrame, { width, height }: Size, format: DecodedFrame['format']): void {
    const { FFmpegError, AVCOL_RANGE_JPEG } = this.#ffmpeg;
    const output = this.#output;
    if (output.width !== width || output.height !== height || output.format !== format) {
      output.unref();
      output.format = format;
      output.width = width;
      output.height = height;
      output.colorRange = AVCOL_RANGE_JPEG;
      FFmpegError.throwIfError(output.getBuffer(), 'allocate picture');
    }
    FFmpegError.throwIfError(this.#scaler.scaleFrameSync(output, picture), 'convert picture');
  }

  #copyRows(plane: number, length: number, to: Uint8Array): void {
    const data = this.#output.data?.[plane];
    const stride = this.#output.linesize[plane];
    if (!data || !stride) throw new Error('FFmpeg gave a picture without bytes');
    for (let at = 0, from = 0; at < to.length; at += length, from += stride) {
      to.set(data.subarray(from, from + length), at);
    }
  }
}
