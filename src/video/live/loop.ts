import type { FFmpeg } from '../ffmpeg.ts';
import { openFrameFolder } from '../folder.ts';
import { Demuxer } from './demuxer.ts';
import { Pace } from './pace.ts';
import type { Input } from './source.ts';
import { type LiveStream, StreamLost } from './stream.ts';

const nothingDecodes = 'not one picture of it can be decoded';

/** A video file that begins again at its end, at its own pace. */
export async function loopFile(
  ffmpeg: FFmpeg,
  input: Input,
  options: { readonly patience: number; readonly signal?: AbortSignal | undefined },
): Promise<LiveStream> {
  let demuxer = await Demuxer.open(ffmpeg, input, options);
  const pace = new Pace(demuxer.fps);
  return {
    codec: demuxer.codecName,
    fps: demuxer.fps,
    async next() {
      let picture = await demuxer.next();
      if (!picture) {
        await demuxer.close();
        demuxer = await Demuxer.open(ffmpeg, input, options);
        pace.restart();
        picture = await demuxer.next();
        if (!picture) throw new StreamLost(nothingDecodes);
      }
      await pace.wait(demuxer.seconds);
      return picture;
    },
    close: () => demuxer.close(),
  };
}

/** A folder of frames that begins again at its end. */
export async function loopFolder({
  path,
  fps,
}: {
  path: string;
  fps: number;
}): Promise<LiveStream> {
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
      throw new StreamLost(nothingDecodes);
    },
    async close() {
      await shots.return(undefined);
    },
  };
}
