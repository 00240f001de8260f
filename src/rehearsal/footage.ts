import type { Frame, FrameFormat, VideoSource } from '../video/frame.ts';
import { openVideo } from '../video/open.ts';

/** Footage of a rehearsal, which is opened as often as it is read. */
export interface Footage {
  /** What its alarms are listed with. */
  readonly name: string;
  open(format: FrameFormat): Promise<VideoSource>;
}

/** A recorded file; times are milliseconds since 1970. */
export interface TimedFile {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly frames: number;
}

/** A video file, or a folder of frames. @param fps of one that tells none */
export const footageAt = (path: string, fps: number | undefined): Footage => ({
  name: path,
  open: (format) => openVideo(path, format, { fps }),
});

/**
 * Files that were recorded one after another without a break, as one video.
 * @param files at least one, in the order of time
 */
export function joinedFootage(name: string, files: readonly TimedFile[]): Footage {
  const [first] = files;
  const seconds = (files.at(-1)!.to - first!.from) / 1000;
  return {
    name,
    open: async (format) => {
      const video = await openVideo(first!.path, format);
      return {
        ...video,
        name,
        expectedFrames: Math.round(seconds * video.fps),
        [Symbol.asyncIterator]: () => joinedFrames(files, format),
      };
    },
  };
}

async function* joinedFrames(
  files: readonly TimedFile[],
  format: FrameFormat,
): AsyncGenerator<Frame, undefined> {
  const start = files[0]!.from;
  let index = 0;
  let time = 0;
  for (const { path, from } of files)
    for await (const frame of await openVideo(path, format)) {
      time = Math.max(time, (from - start) / 1000 + frame.time);
      yield { ...frame, index: index++, time };
    }
}

/** Files that follow each other within `pause` milliseconds, together. */
export function withoutBreaks<File extends TimedFile>(
  files: readonly File[],
  pause: number,
): File[][] {
  const runs: File[][] = [];
  for (const file of files.toSorted((a, b) => a.from - b.from)) {
    const last = runs.at(-1)?.at(-1);
    if (last && file.from - last.to <= pause) runs.at(-1)!.push(file);
    else runs.push([file]);
  }
  return runs;
}
