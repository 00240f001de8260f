import type { IncomingMessage } from 'node:http';
import type { FFmpeg } from '../ffmpeg.ts';
import { ask } from './http-answer.ts';
import { JpegDecoder } from './jpeg-decoder.ts';
import { JpegParts, JpegPolling } from './jpeg-source.ts';
import { assumedFps, type LiveStream, StreamLost } from './stream.ts';
import { noPicture, Watchdog } from './watchdog.ts';

export interface HttpOptions {
  /** Milliseconds without a picture after which it has stalled. */
  readonly patience: number;
  /** Pictures a second that an address of single pictures is asked for. */
  readonly perSecond: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A camera that sends JPEG pictures over HTTP: one endless answer, in parts or not, or one picture
 * an answer, which is then asked for again and again.
 * @returns undefined where the address sends something else
 * @throws StreamLost why it cannot be opened
 */
export async function openJpegs(
  ffmpeg: FFmpeg,
  url: string,
  { patience, perSecond, signal }: HttpOptions,
): Promise<LiveStream | undefined> {
  const ended = new AbortController();
  const end = () => ended.abort();
  signal?.addEventListener('abort', end, { once: true });
  const watch = new Watchdog(patience, end);
  const close = () => {
    end();
    signal?.removeEventListener('abort', end);
  };
  try {
    signal?.throwIfAborted();
    const answer = await watch.over(ask(url, { signal: ended.signal }));
    watch.reset();
    const kind = await watch.over(kindOf(answer));
    if (kind === 'other') {
      close();
      return undefined;
    }
    const polling =
      kind === 'picture' ? new JpegPolling(url, perSecond, answer, ended.signal) : undefined;
    const source = polling ?? new JpegParts(answer);
    const decoder = await JpegDecoder.open(ffmpeg);
    let freed = false;
    return {
      codec: 'mjpeg',
      // A stream of pictures has no rate.
      fps: polling ? perSecond : assumedFps,
      async next() {
        watch.reset();
        for (;;) {
          const jpeg = await watch.over(source.next()).catch((error: Error) => {
            throw error.message === noPicture(patience) ? (polling?.fault ?? error) : error;
          });
          if (freed || !jpeg) return undefined;
          const picture = decoder.decode(jpeg);
          if (picture) return picture;
        }
      },
      async close() {
        close();
        if (!freed) decoder.free();
        freed = true;
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** What an answer holds, by its type or, where that says nothing, by its first bytes. */
async function kindOf(answer: IncomingMessage): Promise<'stream' | 'picture' | 'other'> {
  const type = (answer.headers['content-type'] ?? '').toLowerCase();
  if (type.startsWith('multipart/')) return 'stream';
  if (/^image\/p?jpe?g/.test(type)) return 'picture';
  if (/^(video|audio|text\/html|application\/(?!octet-stream))/.test(type)) return 'other';
  const first = await firstBytes(answer);
  const isJpeg = first.length > 2 && first.readUInt16BE(0) === 0xffd8;
  if (isJpeg) return answer.headers['content-length'] ? 'picture' : 'stream';
  return /^\s*--|^content-(type|length):/i.test(first.toString('latin1')) ? 'stream' : 'other';
}

/** The first bytes of an answer, which stay in it. @throws StreamLost where there are none */
async function firstBytes(answer: IncomingMessage): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const ended = () => reject(new StreamLost('answers with nothing'));
  const readable = () => {
    const chunk = answer.read() as Buffer | null;
    if (chunk) resolve(chunk);
  };
  answer.on('readable', readable).once('end', ended).once('close', ended);
  const first = await promise.finally(() => {
    answer.off('readable', readable).off('end', ended).off('close', ended);
  });
  answer.unshift(first);
  return first;
}
