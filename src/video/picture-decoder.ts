import type {
  Codec,
  CodecContext,
  Frame as DecodedFrame,
  FormatContext,
  Packet,
  Stream,
} from 'node-av';
import type { FFmpeg } from './ffmpeg.ts';
import { isTimeless } from './rate.ts';
import type { Shot } from './reel.ts';
import { Upright } from './upright.ts';

/**
 * Decodes one stream of a container to whole, upright pictures, in software, on one thread, so that
 * damaged streams too decode to the same bytes each time.
 */
export class PictureDecoder {
  readonly #ffmpeg: FFmpeg;
  readonly #stream: Stream;
  readonly #codec: CodecContext;
  readonly #frame: DecodedFrame;
  readonly #upright: Upright;
  readonly #timeless: boolean;

  private constructor(ffmpeg: FFmpeg, format: FormatContext, stream: Stream, codec: CodecContext) {
    this.#ffmpeg = ffmpeg;
    this.#stream = stream;
    this.#codec = codec;
    this.#timeless = isTimeless(ffmpeg, format);
    this.#frame = new ffmpeg.Frame();
    this.#frame.alloc();
    const { sampleAspectRatio, codecpar } = stream;
    this.#upright = new Upright(ffmpeg, { sampleAspectRatio, codecId: codecpar.codecId });
  }

  /**
   * @param strict a damaged picture is an error, and none that is half gray
   * @throws FFmpegError where the decoder does not take the stream
   */
  static async open(
    ffmpeg: FFmpeg,
    format: FormatContext,
    stream: Stream,
    decoder: Codec,
    strict = false,
  ): Promise<PictureDecoder> {
    const codec = new ffmpeg.CodecContext();
    codec.allocContext3(decoder);
    try {
      ffmpeg.FFmpegError.throwIfError(codec.parametersToContext(stream.codecpar), 'open decoder');
      codec.pktTimebase = stream.timeBase;
      codec.threadCount = 1;
      const options = strict ? ffmpeg.Dictionary.fromObject({ err_detect: 'explode' }) : null;
      ffmpeg.FFmpegError.throwIfError(await codec.open2(decoder, options), 'open decoder');
    } catch (error) {
      codec.freeContext();
      throw error;
    }
    return new PictureDecoder(ffmpeg, format, stream, codec);
  }

  /**
   * One shot for each picture that is ready, and one without a picture for a packet that gave an
   * error. What is not taken of them is lost.
   * @param packet null at the end of the stream
   */
  *decode(packet: Packet | null): Generator<Shot, undefined> {
    const { AVERROR_EAGAIN, AVERROR_EOF } = this.#ffmpeg;
    const ended = packet === null;
    let lost = this.#codec.sendPacketSync(packet) < 0 && !ended;
    for (;;) {
      const received = this.#codec.receiveFrameSync(this.#frame);
      if (received === AVERROR_EAGAIN || received === AVERROR_EOF) break;
      if (received < 0) {
        // However often one packet fails, it was one picture.
        if (lost) break;
        lost = true;
        continue;
      }
      const seconds = this.#secondsOf(this.#frame);
      if (!this.#isBroken(this.#frame)) yield* this.#upright.push(this.#frame, seconds);
      else yield* this.#loss(seconds);
      this.#frame.unref();
    }
    if (ended) yield* this.#upright.flush();
    else if (lost) yield* this.#loss(undefined);
  }

  free(): void {
    this.#upright.free();
    this.#frame.free();
    this.#codec.freeContext();
  }

  /** What is held back came before. */
  *#loss(seconds: number | undefined): Generator<Shot, undefined> {
    yield* this.#upright.flush();
    yield { picture: undefined, seconds };
  }

  /** Whether the decoder found damage in a picture that it gave. */
  #isBroken(frame: DecodedFrame): boolean {
    return frame.decodeErrorFlags !== 0 || frame.hasFlags(this.#ffmpeg.AV_FRAME_FLAG_CORRUPT);
  }

  /** The time that the container gives a picture, in seconds from any origin, if it gives one. */
  #secondsOf(frame: DecodedFrame): number | undefined {
    const { num, den } = this.#stream.timeBase;
    const pts = frame.bestEffortTimestamp;
    if (this.#timeless || pts === this.#ffmpeg.AV_NOPTS_VALUE) return undefined;
    return (Number(pts) * num) / den;
  }
}
