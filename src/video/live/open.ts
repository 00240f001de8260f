import { loadFFmpeg } from '../ffmpeg.ts';
import { Demuxer } from './demuxer.ts';
import { openJpegs } from './http.ts';
import { loopFile, loopFolder } from './loop.ts';
import { Pace } from './pace.ts';
import { inputOf, type LiveSource } from './source.ts';
import type { LiveStream } from './stream.ts';

export interface OpenLiveOptions {
  /** Milliseconds without a picture after which a stream has stalled; default 8000. */
  readonly patience?: number | undefined;
  /** Pictures a second that are asked of an address of single pictures; default 10. */
  readonly perSecond?: number | undefined;
  /** Ends a read that waits for the source. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a source whose pictures never end: a camera, or a file or folder that is played in a loop.
 * Pictures never come faster than real time: those of files and playlists wait for their time.
 * @throws StreamLost why it cannot be opened
 */
export async function openLive(
  source: LiveSource,
  { patience = 8000, perSecond = 10, signal }: OpenLiveOptions = {},
): Promise<LiveStream> {
  const ffmpeg = await loadFFmpeg();
  if (source.kind === 'folder') return loopFolder(source);
  const input = inputOf(source, patience);
  if (source.kind === 'file') return loopFile(ffmpeg, input, { patience, signal });
  if (source.kind === 'http') {
    const jpegs = await openJpegs(ffmpeg, source.url, { patience, perSecond, signal });
    if (jpegs) return jpegs;
  }
  const demuxer = await Demuxer.open(ffmpeg, input, { patience, signal });
  const pace = demuxer.inTime ? undefined : new Pace(demuxer.fps);
  return {
    codec: demuxer.codecName,
    fps: demuxer.fps,
    async next() {
      const picture = await demuxer.next();
      if (picture && pace) await pace.wait(demuxer.seconds);
      return picture;
    },
    close: () => demuxer.close(),
  };
}
