import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from '../backoff.ts';
import { UserError } from '../errors.ts';
import { checkOptions } from '../options.ts';
import { maskAddress } from './address.ts';
import { PictureConverter } from './convert.ts';
import { displaySize } from './display-size.ts';
import { loadFFmpeg } from './ffmpeg.ts';
import type { Frame, FrameFormat, VideoSource } from './frame.ts';
import { type OpenLiveOptions, openLive } from './live/open.ts';
import type { LiveSource } from './live/source.ts';
import type { DecodedPicture, LiveStream } from './live/stream.ts';
import { Thinning } from './live/thinning.ts';
import { cameraOptions } from './open-options.ts';

/** Frames that wait for a reader who is slower than the camera; the oldest leave. */
const room = 2;

/** Milliseconds of the first wait before a camera that is lost is asked again, and of the longest. */
const firstWait = 1000;
const longestWait = 60_000;

export interface CameraOptions {
  /** Frames a second that are given at most; default 10, the rate of the shipped models. */
  readonly fps?: number | undefined;
  /** Give each frame its picture at its own size, too. */
  readonly original?: boolean | undefined;
  /** How RTSP brings its pictures; default TCP. */
  readonly transport?: 'tcp' | 'udp' | undefined;
  /** Milliseconds without a picture after which the camera is lost; default 8000. */
  readonly patience?: number | undefined;
  /** Ends the opening, or the frames, with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called where the camera is lost: why, and in how many milliseconds it is asked again. */
  readonly onLost?: ((reason: string, retryIn: number) => void) | undefined;
}

/** Whether a text is the address of a camera: `rtsp://`, `rtsps://`, `http://`, `https://`, `/dev/video0`. */
export function isCameraAddress(text: string): boolean {
  return sourceOf(text, 'tcp') !== undefined;
}

function sourceOf(address: string, transport: 'tcp' | 'udp'): LiveSource | undefined {
  if (/^\/dev\/video\d+$/.test(address)) return { kind: 'usb', device: address };
  // A scheme followed by anything but :// would be options to FFmpeg, and FFmpeg knows small letters only.
  const scheme = /^(rtsps?|https?):\/\/[^\s\\]+$/i.exec(address)?.[1];
  if (!scheme || !URL.canParse(address) || !new URL(address).hostname) return undefined;
  const url = scheme.toLowerCase() + address.slice(scheme.length);
  return scheme.toLowerCase().startsWith('rtsp')
    ? { kind: 'rtsp', url, transport }
    : { kind: 'http', url };
}

/**
 * Opens a camera: RTSP, MJPEG, snapshots or any video over HTTP, or a USB camera of Video4Linux. Its
 * frames never end, and come as they arrive: `time` counts from the first. A camera that is lost is
 * asked again, with growing waits; what comes then is another `stretch`. For a slower reader the
 * newest frames wait, and `index` leaves out none. Each iteration connects on its own.
 * @param address with user and password, where the camera wants them
 * @throws UserError when it is no address, or gives no picture now
 */
export async function openCamera(
  address: string,
  format: FrameFormat,
  options: CameraOptions = {},
): Promise<VideoSource> {
  checkOptions(cameraOptions, options, 'openCamera');
  const name = shown(address);
  const source = sourceOf(address, options.transport ?? 'tcp');
  if (!source)
    throw new UserError(
      `${name}: is not the address of a camera; it must begin with rtsp://, rtsps://, http://, https:// or /dev/video`,
    );
  const { signal } = options;
  const fps = options.fps ?? 10;
  let stream: LiveStream | undefined;
  try {
    stream = await openLive(source, { ...options, perSecond: fps });
    const picture = await stream.next();
    if (!picture) throw new Error('gives not one picture');
    return {
      name,
      source: displaySize(picture),
      format,
      fps: Math.min(fps, stream.fps),
      expectedFrames: undefined,
      live: true,
      [Symbol.asyncIterator]: () => frames(source, format, fps, options),
    };
  } catch (error) {
    signal?.throwIfAborted();
    throw new UserError(
      `${name}: ${(error as Error).message}; is it on, and is the address right?`,
    );
  } finally {
    await stream?.close();
  }
}

/** An address without user and password, which some cameras take in the query or the path. */
function shown(address: string): string {
  return maskAddress(address).replace(/[?#][\s\S]*$/, '');
}

async function* frames(
  source: LiveSource,
  format: FrameFormat,
  fps: number,
  options: CameraOptions,
): AsyncGenerator<Frame, undefined> {
  const left = new AbortController();
  const signal = AbortSignal.any([left.signal, ...(options.signal ? [options.signal] : [])]);
  const waiting: Frame[] = [];
  let wake = () => {};
  const watching = watch(source, format, { ...options, fps, signal }, (frame) => {
    waiting.push(frame);
    if (waiting.length > room) waiting.shift();
    wake();
  });
  // Reported where it is awaited.
  watching.catch(() => undefined);
  try {
    for (;;) {
      const frame = waiting.shift();
      if (frame) {
        yield frame;
        continue;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await Promise.race([watching, promise]);
    }
  } finally {
    left.abort();
    await watching.catch(() => undefined);
  }
}

/** Reads a camera, and connects again where it is lost, until the signal ends it with its reason. */
async function watch(
  source: LiveSource,
  format: FrameFormat,
  { fps, signal, ...options }: CameraOptions & { fps: number; signal: AbortSignal },
  onFrame: (frame: Frame) => void,
): Promise<never> {
  const converter = new PictureConverter(await loadFFmpeg());
  const backoff = new Backoff(firstWait, longestWait);
  const thinning = new Thinning(fps);
  let began: number | undefined;
  let index = 0;
  try {
    let stretch = 0;
    for (;;) {
      const before = index;
      const reason = await readUntilLost(
        source,
        { ...options, perSecond: fps, signal },
        (picture) => {
          const now = performance.now();
          if (!thinning.passes(now)) return;
          began ??= now;
          const data = converter.toFormat(picture, format);
          const original = options.original ? { original: converter.toOriginal(picture) } : {};
          const time = (now - began) / 1000;
          onFrame({ index: index++, time, stretch, corrupt: false, data, ...original });
          backoff.reset();
        },
      );
      signal.throwIfAborted();
      if (index > before) stretch++;
      const retryIn = backoff.next();
      options.onLost?.(reason, retryIn);
      await sleep(retryIn, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  } finally {
    converter.free();
  }
}

/** @returns why there are no more pictures */
async function readUntilLost(
  source: LiveSource,
  options: OpenLiveOptions,
  onPicture: (picture: DecodedPicture) => void,
): Promise<string> {
  let stream: LiveStream | undefined;
  try {
    stream = await openLive(source, options);
    for (;;) {
      const picture = await stream.next();
      if (!picture) return 'the stream ended';
      onPicture(picture);
    }
  } catch (error) {
    return (error as Error).message;
  } finally {
    await stream?.close();
  }
}
