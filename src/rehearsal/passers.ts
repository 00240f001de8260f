import type { Clip } from '../datasets/clip.ts';
import { findPassers, type Passer } from '../training/pseudo/passers.ts';
import type { FrameFormat } from '../video/frame.ts';
import { openVideo } from '../video/open.ts';

/** Windows of footage that people are cut out of, in all. */
const WINDOWS = 96;

/** Seconds of a window. */
const WINDOW_SECONDS = 15;

interface PasserOptions {
  readonly fps: number | undefined;
  /** Frames for which each must be seen. */
  readonly length: number;
  readonly signal?: AbortSignal | undefined;
}

/** People who pass through footage, cut out frame by frame. */
export async function passersOf(
  files: readonly string[],
  format: FrameFormat,
  { fps, length, signal }: PasserOptions,
): Promise<readonly Passer[]> {
  const each = Math.ceil(WINDOWS / files.length);
  const clips: Clip[] = [];
  for (const file of files)
    clips.push(...(await windowsOf(file, format, each, { fps, length, signal })));
  signal?.throwIfAborted();
  const segments = clips.map(({ frames }, clip) => ({ clip, start: 0, end: frames }));
  const { passers } = await findPassers(clips, segments, length);
  return passers;
}

/** Parts of a video that are spread evenly, as clips in memory. */
async function windowsOf(
  file: string,
  format: FrameFormat,
  count: number,
  { fps, length, signal }: PasserOptions,
): Promise<Clip[]> {
  const video = await openVideo(file, format, { fps });
  const frames = Math.max(length, Math.round(WINDOW_SECONDS * video.fps));
  const total = video.expectedFrames ?? frames * count;
  const every = Math.max(frames, Math.floor(total / count));
  const clips: Clip[] = [];
  let pictures: Uint8Array[] = [];
  for await (const { index, data } of video) {
    signal?.throwIfAborted();
    if (index % every < frames) pictures.push(data);
    if (pictures.length < frames) continue;
    clips.push(clipOf(file, video.fps, video.source, format, pictures));
    pictures = [];
    if (clips.length === count) break;
  }
  return clips;
}

function clipOf(
  path: string,
  fps: number,
  source: Clip['source'],
  format: FrameFormat,
  pictures: readonly Uint8Array[],
): Clip {
  const size = format.channels * format.width * format.height;
  const readInto = async (place: Uint8Array, start: number) => {
    for (let i = 0; i * size < place.length; i++) place.set(pictures[start + i]!, i * size);
  };
  return {
    name: path,
    path,
    frames: pictures.length,
    fps,
    source,
    format,
    corrupt: [],
    readInto,
    read: async (start, count) => {
      const bytes = new Uint8Array(count * size);
      await readInto(bytes, start);
      return bytes;
    },
    close: async () => undefined,
  };
}
