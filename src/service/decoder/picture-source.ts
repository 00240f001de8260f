import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from '../../backoff.ts';
import { displaySize } from '../../video/display-size.ts';
import type { Size } from '../../video/frame.ts';
import { openLive } from '../../video/live/open.ts';
import { type DecodedPicture, type LiveStream, StreamStuck } from '../../video/live/stream.ts';
import type { CameraSource } from '../contract/camera.ts';
import { busyWords } from '../process/busy.ts';
import { maskedSource, requireAllowedSource } from '../secrets/address.ts';

export interface PictureListener {
  /** A picture, valid during the call. */
  onPicture(picture: DecodedPicture): void;
  /** Before the first picture after a break, or of another size. */
  onOnline(info: { readonly size: Size; readonly fps: number; readonly codec: string }): void;
  /** @param stuck this process has lost a thread to the source and should end */
  onOffline(reason: string, retryIn: number, stuck: boolean): void;
}

/** Milliseconds of pictures after which the next wait is a short one again. */
const healthy = 30_000;

const longestWait = 60_000;

/** How many times as long a source may give no picture where the machine is busy. */
const BUSY_TIMES = 3;

/** Endless pictures of a source: it reconnects by itself, with growing waits. */
export async function watchSource(
  source: CameraSource,
  {
    patience,
    firstWait,
    fps,
  }: { readonly patience: number; readonly firstWait: number; readonly fps: number },
  listener: PictureListener,
): Promise<never> {
  const backoff = new Backoff(firstWait, longestWait);
  for (;;) {
    const started = performance.now();
    let stream: LiveStream | undefined;
    let reason: string;
    let stuck = false;
    try {
      requireAllowedSource(source);
      stream = await openLive(source, {
        patience: busyWords() ? BUSY_TIMES * patience : patience,
        perSecond: fps,
      });
      await watchStream(stream, listener);
      reason = 'the stream ended';
    } catch (error) {
      reason = withCause((error as Error).message);
      stuck = error instanceof StreamStuck;
    }
    if (performance.now() - started >= healthy) backoff.reset();
    const retryIn = backoff.next();
    listener.onOffline(explained(source, reason), retryIn, stuck);
    await stream?.close();
    await sleep(retryIn);
  }
}

async function watchStream(stream: LiveStream, listener: PictureListener): Promise<void> {
  let size: Size | undefined;
  for (;;) {
    const picture = await stream.next();
    if (!picture) return;
    const shown = displaySize(picture);
    if (size?.width !== shown.width || size.height !== shown.height) {
      size = shown;
      listener.onOnline({ size, fps: stream.fps, codec: stream.codec });
    }
    listener.onPicture(picture);
  }
}

/** A source that says nothing may be slow because everything is. */
function withCause(reason: string): string {
  const busy = busyWords();
  return busy !== undefined && /no picture|no answer|timed? ?out/i.test(reason)
    ? `${reason} (${busy})`
    : reason;
}

/** Why a source gives no pictures, in one line without a secret. */
export function explained(source: CameraSource, reason: string): string {
  const shown = maskedSource(source);
  const plain = 'url' in source ? reason.replaceAll(source.url, () => shown) : reason;
  const line = plain.replaceAll(/\s+/g, ' ').trim();
  return line.startsWith(`${shown}:`) ? line : `${shown}: ${line}`;
}
