import type { FastifyReply } from 'fastify';
import type { LivePicture } from '../parts.ts';
import { TooManyStreams } from './live-streams.ts';

const BOUNDARY = 'm2s2l-picture';

/** Milliseconds between two looks for another picture. */
const LOOK = 100;

/** Streams of pictures that may be open: each reads and draws several a second. */
const MOST = 16;

let open = 0;

/**
 * Answers by pictures one after another, as MJPEG cameras do, until the reader leaves, the camera is gone, or
 * it may read no more. For a reader that is too slow pictures are left out.
 * @param next the latest picture; undefined where there is none now, null where there never will be
 * @throws TooManyStreams
 */
export function streamPictures(
  reply: FastifyReply,
  fps: number,
  next: () => Promise<LivePicture | undefined> | null,
  holds: () => boolean,
): FastifyReply {
  if (open >= MOST)
    throw new TooManyStreams(`${MOST} streams of pictures are open, more may not be`);
  open += 1;
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': `multipart/x-mixed-replace; boundary=${BOUNDARY}`,
    'x-accel-buffering': 'no',
  });
  let sent = Number.NEGATIVE_INFINITY;
  let sentAt = Number.NEGATIVE_INFINITY;
  let busy = false;
  const look = async () => {
    const now = performance.now();
    if (busy || raw.writableNeedDrain || now - sentAt < 1000 / fps) return;
    busy = true;
    try {
      const coming = holds() ? next() : null;
      if (coming === null) {
        raw.destroy();
        return;
      }
      const picture = await coming;
      if (!picture || picture.time === sent || raw.destroyed) return;
      [sent, sentAt] = [picture.time, now];
      const { jpeg } = picture;
      raw.write(
        `--${BOUNDARY}\r\ncontent-type: image/jpeg\r\ncontent-length: ${jpeg.length}\r\n\r\n`,
      );
      raw.write(jpeg);
      raw.write('\r\n');
    } catch {
      raw.destroy();
    } finally {
      busy = false;
    }
  };
  const timer = setInterval(() => void look(), LOOK);
  raw.on('close', () => {
    clearInterval(timer);
    open -= 1;
  });
  return reply;
}
