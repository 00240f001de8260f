import type { CodecContext, Frame as DecodedFrame, Packet } from 'node-av';
import type { FFmpeg } from '../ffmpeg.ts';
import { Upright } from '../upright.ts';
import { type DecodedPicture, StreamLost } from './stream.ts';

/** Decodes JPEG pictures one by one; damaged ones are left out. */
export class JpegDecoder {
  readonly #ffmpeg: FFmpeg;
  readonly #codec: CodecContext;
  readonly #packet: Packet;
  readonly #frame: DecodedFrame;
  readonly #upright: Upright;

  private constructor(ffmpeg: FFmpeg, codec: CodecContext) {
    this.#ffmpeg = ffmpeg;
    this.#codec = codec;
    this.#packet = new ffmpeg.Packet();
    this.#packet.alloc();
    this.#frame = new ffmpeg.Frame();
    this.#frame.alloc();
    // A JPEG notes the shape of its pixels itself.
    const sampleAspectRatio = new ffmpeg.Rational(0, 1);
    this.#upright = new Upright(ffmpeg, {
      sampleAspectRatio,
      codecId: ffmpeg.AV_CODEC_ID_MJPEG,
    });
  }

  /** @throws StreamLost where this FFmpeg has no JPEG */
  static async open(ffmpeg: FFmpeg): Promise<JpegDecoder> {
    const decoder = ffmpeg.Codec.findDecoder(ffmpeg.AV_CODEC_ID_MJPEG);
    if (!decoder) throw new StreamLost('there is no decoder for its video');
    const codec = new ffmpeg.CodecContext();
    codec.allocContext3(decoder);
    codec.threadCount = 1;
    // A damaged JPEG is an error then, and no picture that is half gray.
    const strict = ffmpeg.Dictionary.fromObject({ err_detect: 'explode' });
    const opened = await codec.open2(decoder, strict);
    if (opened < 0) {
      codec.freeContext();
      throw new StreamLost(ffmpeg.FFmpegError.strerror(opened));
    }
    return new JpegDecoder(ffmpeg, codec);
  }

  /** @returns the picture, valid until the next call; undefined where it is damaged */
  decode(jpeg: Buffer): DecodedPicture | undefined {
    this.#frame.unref();
    this.#packet.data = jpeg;
    const sent = this.#codec.sendPacketSync(this.#packet);
    this.#packet.unref();
    if (sent < 0 || this.#codec.receiveFrameSync(this.#frame) < 0) return undefined;
    const { decodeErrorFlags } = this.#frame;
    if (decodeErrorFlags !== 0 || this.#frame.hasFlags(this.#ffmpeg.AV_FRAME_FLAG_CORRUPT))
      return undefined;
    const shot = this.#upright.push(this.#frame, undefined).next();
    return shot.done ? undefined : shot.value.picture;
  }

  free(): void {
    this.#upright.free();
    this.#frame.free();
    this.#packet.free();
    this.#codec.freeContext();
  }
}
