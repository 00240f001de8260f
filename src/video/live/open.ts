import { loadFFmpeg } from '../ffmpeg.ts';
import { Demuxer } from './demuxer.ts';
import { loopFile, loopFolder } from './loop.ts';
import { Pace } from './pace.ts';
import { inputOf, type LiveSource } from './source.ts';
import type { LiveStream } from './stream.ts';

/** Milliseconds without a picture after which a stream has stalled. */
const defaultPatience = 8000;

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
  const demuxer = await Demuxer.open(ffmpeg, input, patience);
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
