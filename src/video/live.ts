import { setTimeout as sleep } from 'node:timers/promises';
import type { CodecContext, Frame as DecodedFrame, FormatContext, Stream } from 'node-av';
import { UnknownCase } from '../errors.ts';
import { frameClock } from './clock.ts';
import { frameRate, isBroken, notAVideo, pictureTime } from './decode.ts';
import { type FFmpeg, loadFFmpeg } from './ffmpeg.ts';
import { openFrameFolder } from './folder.ts';

/** What pictures can come from without an end. */
export type LiveSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'folder'; readonly path: string; readonly fps: number }
  | { readonly kind: 'rtsp'; readonly url: string; readonly transport: 'tcp' | 'udp' }
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'usb'; readonly device: string };

/** A picture as FFmpeg decoded it. */
export type DecodedPicture = DecodedFrame;

/** Pictures as they arrive. */
export interface LiveStream {
  /** Name of the codec, as FFmpeg calls it. */
  readonly codec: string;
  /** Frames a second, as far as the source tells. */
  readonly fps: number;
  /**
   * The next good picture, valid until the next call; undefined where the stream ended, which a file
   * or folder never does. Damaged pictures are left out.
   * @throws StreamLost when it broke or stalled
   */
  next(): Promise<DecodedPicture | undefined>;
  close(): Promise<void>;
}

/** A source that cannot be opened, broke or stalled: why, in a few words without its address. */
export class StreamLost extends Error {
  override readonly name: string = 'StreamLost';
}

/** FFmpeg did not come back from a call although it was told to: a thread of this process is lost to it. */
export class StreamStuck extends StreamLost {
  override readonly name = 'StreamStuck';
}

/** Milliseconds without a picture after which a stream has stalled. */
const defaultPatience = 8000;

/** Milliseconds in which the first picture must come while packets do: key frames may be far apart. */
const firstPicture = 20_000;

/** Milliseconds that FFmpeg has to obey an interrupt. */
const obedience = 1500;

const defaultFps = 25;

/** What it takes to open a source with FFmpeg: each kind reaches its own protocols and no others. */
interface Input {
  readonly url: string;
  readonly format?: string;
  readonly options: Readonly<Record<string, string>>;
}

/** Pictures that it watches to find their rate: by default 20, which of a slow camera take too long. */
const fewProbed = { fpsprobesize: '3' };

function inputOf(source: Exclude<LiveSource, { kind: 'folder' }>, patience: number): Input {
  const microseconds = String(patience * 1000);
  switch (source.kind) {
    case 'file':
      return {
        url: `file:${source.path}`,
        options: { protocol_whitelist: 'file', pattern_type: 'none' },
      };
    case 'rtsp':
      return {
        url: source.url,
        options: {
          protocol_whitelist: 'rtsp,rtp,udp,tcp,tls,crypto',
          rtsp_transport: source.transport,
          allowed_media_types: 'video',
          ...fewProbed,
          timeout: microseconds,
        },
      };
    case 'http':
      return {
        url: source.url,
        options: {
          // Without `file` a playlist cannot make this machine's files part of the video.
          protocol_whitelist: 'http,https,tcp,tls,crypto,hls',
          rw_timeout: microseconds,
          ...fewProbed,
        },
      };
    case 'usb':
      return { url: source.device, format: 'v4l2', options: {} };
    default:
      throw new UnknownCase(source satisfies never);
  }
}

/** Formats whose pictures arrive when they are taken; of all others the time stamps set the pace. */
const arriveInTime = ['rtsp', 'mpjpeg', 'video4linux2,v4l2'];

/**
 * Opens a source whose pictures never end: a camera, or a file or folder that is played in a loop.
 * Pictures never come faster than real time: those of files and playlists wait for their time.
 * @param patience milliseconds without a picture after which it has stalled; default 8000
 * @throws StreamLost why it cannot be opened
 */
export async function openLive(
  source: LiveSource,
  patience = defaultPatience,
): Promise<LiveStream> {
  const ffmpeg = await loadFFmpeg();
  if (source.kind === 'folder') return loopFolder(source);
  const input = inputOf(source, patience);
  if (source.kind === 'file') return loopFile(ffmpeg, input, patience);
  const demuxed = await Demuxed.open(ffmpeg, input, patience);
  const pace = demuxed.inTime ? undefined : new Pace(demuxed.fps);
  return {
    codec: demuxed.codecName,
    fps: demuxed.fps,
    async next() {
      const picture = await demuxed.next();
      if (picture && pace) await pace.wait(demuxed.seconds);
      return picture;
    },
    close: () => demuxed.close(),
  };
}

async function loopFile(ffmpeg: FFmpeg, input: Input, patience: number): Promise<LiveStream> {
  let demuxed = await Demuxed.open(ffmpeg, input, patience);
  const pace = new Pace(demuxed.fps);
  return {
    codec: demuxed.codecName,
    fps: demuxed.fps,
    async next() {
      let picture = await demuxed.next();
      if (!picture) {
        await demuxed.close();
        demuxed = await Demuxed.open(ffmpeg, input, patience);
        pace.restart();
        picture = await demuxed.next();
        if (!picture) throw new StreamLost('not one picture of it can be decoded');
      }
      await pace.wait(demuxed.seconds);
      return picture;
    },
    close: () => demuxed.close(),
  };
}

async function loopFolder({ path, fps }: { path: string; fps: number }): Promise<LiveStream> {
  const reel = await openFrameFolder(path, fps);
  const pace = new Pace(fps);
  let shots = reel.shots();
  return {
    codec: 'pictures',
    fps,
    async next() {
      for (let passes = 0; passes < 2; ) {
        const shot = await shots.next();
        if (shot.done) {
          shots = reel.shots();
          passes++;
          continue;
        }
        await pace.wait(undefined);
        if (shot.value.picture) return shot.value.picture;
      }
      throw new StreamLost('not one picture of it can be decoded');
    },
    async close() {
      await shots.return(undefined);
    },
  };
}

/** Waits until a picture's time has come, and never hurries to make up for a delay. */
class Pace {
  readonly #fps: number;
  #clock: (seconds: number | undefined) => number;
  /** When second 0 of the clock was, by `performance.now()`. */
  #origin: number | undefined;
  #last = 0;

  constructor(fps: number) {
    this.#fps = fps;
    this.#clock = frameClock(fps);
  }

  /** Time stamps begin anew: the next picture follows the last at the usual distance. */
  restart(): void {
    this.#clock = frameClock(this.#fps);
    // Without one there was not one picture before.
    if (this.#origin !== undefined) this.#origin += this.#last + 1000 / this.#fps;
  }

  async wait(seconds: number | undefined): Promise<void> {
    const time = 1000 * this.#clock(seconds);
    const now = performance.now();
    this.#origin ??= now - time;
    const early = this.#origin + time - now;
    if (early > 0) await sleep(early);
    // A delay longer than a hiccup moves everything after it.
    else if (early < -500) this.#origin -= early;
    this.#last = time;
  }
}

/** A demuxer and a decoder on the best video stream of an address, read without blocking this thread. */
class Demuxed {
  readonly #ffmpeg: FFmpeg;
  readonly #format: FormatContext;
  readonly #watch: Watchdog;
  readonly #packet;
  readonly #frame: DecodedFrame;
  #stream!: Stream;
  #codec!: CodecContext;
  #opened = performance.now();
  #anyPicture = false;
  #ended = false;
  #closing: Promise<void> | undefined;
  codecName = '';
  fps = defaultFps;
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
    this.#frame = new ffmpeg.Frame();
    this.#frame.alloc();
  }

  static async open(ffmpeg: FFmpeg, input: Input, patience: number): Promise<Demuxed> {
    const demuxed = new Demuxed(ffmpeg, patience);
    try {
      await demuxed.#open(input);
      return demuxed;
    } catch (error) {
      await demuxed.close();
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
    this.fps = frameRate(stream) ?? defaultFps;
    this.codecName = best.decoder.name ?? '';
    const codec = new ffmpeg.CodecContext();
    codec.allocContext3(best.decoder);
    this.#codec = codec;
    ffmpeg.FFmpegError.throwIfError(codec.parametersToContext(stream.codecpar), 'open decoder');
    codec.pktTimebase = stream.timeBase;
    codec.threadCount = 1;
    // A damaged JPEG is an error then, and no picture that is half gray.
    const strict = ffmpeg.Dictionary.fromObject({ err_detect: 'explode' });
    this.#check(await codec.open2(best.decoder, this.codecName === 'mjpeg' ? strict : null));
  }

  async next(): Promise<DecodedFrame | undefined> {
    const ffmpeg = this.#ffmpeg;
    this.#frame.unref();
    this.#watch.reset();
    for (;;) {
      const received = this.#codec.receiveFrameSync(this.#frame);
      if (received >= 0) {
        if (isBroken(ffmpeg, this.#frame)) continue;
        this.#anyPicture = true;
        this.seconds = pictureTime(ffmpeg, this.#frame, this.#stream);
        return this.#frame;
      }
      if (received === ffmpeg.AVERROR_EOF) return undefined;
      // Any other fault of the decoder is a damaged picture; the next packet may be whole.
      if (!this.#ended) await this.#feed();
      else if (received !== ffmpeg.AVERROR_EAGAIN) return undefined;
    }
  }

  async #feed(): Promise<void> {
    const ffmpeg = this.#ffmpeg;
    const read = await this.#watch.over(this.#format.readFrame(this.#packet));
    if (read === ffmpeg.AVERROR_EOF) {
      this.#ended = true;
      this.#codec.sendPacketSync(null);
      return;
    }
    // What is damaged on the way is left out by some demuxers and told by others.
    if (read < 0 && read !== ffmpeg.AVERROR_INVALIDDATA) this.#check(read);
    if (read >= 0 && this.#packet.streamIndex === this.#stream.index && this.#packet.size > 0) {
      this.#codec.sendPacketSync(this.#packet);
      const waits = performance.now() - this.#opened < firstPicture;
      if (!this.#anyPicture && waits) this.#watch.reset();
    }
    this.#packet.unref();
  }

  /** Frees everything, once; after a thread that is stuck, when it comes back. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      if (this.#watch.stuck) return;
      this.#codec?.freeContext();
      this.#frame.free();
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

/** Ends what takes too long. */
class Watchdog {
  readonly #patience: number;
  readonly #interrupt: () => void;
  #since = performance.now();
  stuck = false;

  constructor(patience: number, interrupt: () => void) {
    this.#patience = patience;
    this.#interrupt = interrupt;
  }

  /** Something came: patience begins anew. */
  reset(): void {
    this.#since = performance.now();
  }

  /** @throws StreamLost where patience ends before the work does */
  async over(work: Promise<number>): Promise<number> {
    // Work that is always done soon could put the timer off for ever.
    let late = performance.now() - this.#since > this.#patience;
    let timer: NodeJS.Timeout | undefined;
    const given = new Promise<never>((_, reject) => {
      const ended = () => {
        late = true;
        this.#interrupt();
        timer = setTimeout(() => {
          this.stuck = true;
          reject(new StreamStuck(this.#told()));
        }, obedience);
      };
      timer = setTimeout(ended, Math.max(0, this.#since + this.#patience - performance.now()));
    });
    try {
      const result = await Promise.race([work, given]);
      if (late) throw new StreamLost(this.#told());
      return result;
    } finally {
      clearTimeout(timer);
    }
  }

  #told(): string {
    return `no picture for ${Math.round(this.#patience / 1000)} s`;
  }
}
