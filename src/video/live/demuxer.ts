import type { FormatContext, Packet, Stream } from 'node-av';
import { notAVideo } from '../decode.ts';
import type { FFmpeg } from '../ffmpeg.ts';
import { PictureDecoder } from '../picture-decoder.ts';
import { frameRate } from '../rate.ts';
import type { Shot } from '../reel.ts';
import type { Input } from './source.ts';
import { assumedFps, type DecodedPicture, StreamLost } from './stream.ts';
import { Watchdog } from './watchdog.ts';

/** Milliseconds in which the first picture must come while packets do: key frames may be far apart. */
const firstPicture = 20_000;

/** Formats whose pictures arrive when they are taken; of all others the time stamps set the pace. */
const arriveInTime = ['rtsp', 'mpjpeg', 'video4linux2,v4l2'];

/** A demuxer and a decoder on the best video stream of an address, read without blocking this thread. */
export class Demuxer {
  readonly #ffmpeg: FFmpeg;
  readonly #format: FormatContext;
  readonly #watch: Watchdog;
  readonly #packet: Packet;
  #stream!: Stream;
  #decoder!: PictureDecoder;
  #ready: Iterator<Shot, undefined> | undefined;
  #opened = performance.now();
  #anyPicture = false;
  #ended = false;
  #closing: Promise<void> | undefined;
  #forget: () => void = () => undefined;
  codecName = '';
  fps = assumedFps;
  inTime = false;
  /** The time that the container gives the last picture. */
  seconds: number | undefined;

  private constructor(ffmpeg: FFmpeg, patience: number) {
    this.#ffmpeg = ffmpeg;
    this.#format = new ffmpeg.FormatContext();
    // Only what is allocated can be interrupted while it opens.
    this.#format.allocContext();
    this.#watch = new Watchdog(patience, () => this.#format.interrupt());
    this.#packet = new ffmpeg.Packet();
    this.#packet.alloc();
  }

  /**
   * @param patience milliseconds without a picture after which it has stalled
   * @throws StreamLost why it cannot be opened
   */
  static async open(
    ffmpeg: FFmpeg,
    input: Input,
    { patience, signal }: { readonly patience: number; readonly signal?: AbortSignal | undefined },
  ): Promise<Demuxer> {
    const demuxer = new Demuxer(ffmpeg, patience);
    signal?.throwIfAborted();
    const interrupt = () => demuxer.#format.interrupt();
    signal?.addEventListener('abort', interrupt, { once: true });
    demuxer.#forget = () => signal?.removeEventListener('abort', interrupt);
    try {
      await demuxer.#open(input);
      return demuxer;
    } catch (error) {
      await demuxer.close();
      throw error;
    }
  }

  async #open({ url, format: name, options }: Input): Promise<void> {
    const ffmpeg = this.#ffmpeg;
    const format = this.#format;
    const as = name === undefined ? null : ffmpeg.InputFormat.findInputFormat(name);
    if (name !== undefined && !as) throw new StreamLost('this FFmpeg has no Video4Linux');
    const dictionary = ffmpeg.Dictionary.fromObject(options);
    this.#check(await this.#watch.over(format.openInput(url, as, dictionary)));
    const kind = format.iformat?.name ?? '';
    const unfit = kind === 'hls' && !url.startsWith('file:') ? undefined : notAVideo(kind);
    if (unfit) throw new StreamLost(unfit);
    this.inTime = arriveInTime.includes(kind);
    this.#watch.reset();
    // A slow camera of JPEGs would be looked at for longer than its pictures may take.
    if (kind !== 'mpjpeg') this.#check(await this.#watch.over(format.findStreamInfo()));
    const best = format.findBestStream(ffmpeg.AVMEDIA_TYPE_VIDEO, -1, -1, true);
    const stream = format.streams[best.streamIndex];
    if (best.streamIndex < 0 || !stream) throw new StreamLost('it has no video stream');
    if (!best.decoder) throw new StreamLost('there is no decoder for its video');
    this.#stream = stream;
    this.fps = frameRate(ffmpeg, format, stream) ?? assumedFps;
    this.codecName = best.decoder.name ?? '';
    const strict = this.codecName === 'mjpeg';
    this.#decoder = await PictureDecoder.open(ffmpeg, format, stream, best.decoder, strict);
  }

  /** @returns undefined at the end @throws StreamLost when it broke or stalled */
  async next(): Promise<DecodedPicture | undefined> {
    this.#watch.reset();
    for (;;) {
      const shot = this.#ready?.next();
      if (shot?.done === false) {
        if (!shot.value.picture) continue;
        this.#anyPicture = true;
        this.seconds = shot.value.seconds;
        return shot.value.picture;
      }
      this.#ready = undefined;
      if (this.#ended) return undefined;
      await this.#feed();
    }
  }

  async #feed(): Promise<void> {
    const ffmpeg = this.#ffmpeg;
    this.#packet.unref();
    const read = await this.#watch.over(this.#format.readFrame(this.#packet));
    if (read === ffmpeg.AVERROR_EOF) {
      this.#ended = true;
      this.#ready = this.#decoder.decode(null);
      return;
    }
    // Some demuxers drop damaged packets, others report an error.
    if (read < 0 && read !== ffmpeg.AVERROR_INVALIDDATA) this.#check(read);
    if (read < 0 || this.#packet.streamIndex !== this.#stream.index || this.#packet.size === 0)
      return;
    this.#ready = this.#decoder.decode(this.#packet);
    const waits = performance.now() - this.#opened < firstPicture;
    if (!this.#anyPicture && waits) this.#watch.reset();
  }

  /** Frees everything, once; after a thread that is stuck, when it comes back. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#forget();
      if (this.#watch.stuck) return;
      this.#decoder?.free();
      this.#packet.free();
      await this.#format.closeInput();
    })();
    return this.#closing;
  }

  #check(code: number): void {
    if (code >= 0) return;
    const { AVERROR_EXIT, FFmpegError } = this.#ffmpeg;
    if (code === AVERROR_EXIT) throw new StreamLost('was closed');
    // FFmpeg's word for a host that is not found, too.
    if (code === -5) throw new StreamLost('cannot be reached, or the connection broke');
    throw new StreamLost(FFmpegError.strerror(code));
  }
}
