import type { Clip } from '../datasets/clip.ts';
import { findTracks, type Track } from '../training/synthetic/tracks.ts';
import type { FrameFormat } from '../video/frame.ts';
import type { Footage } from './footage.ts';

/** Windows of footage that people are cut out of, in all, as far as they fit into so many bytes. */
const WINDOWS = 96;
const WINDOW_BYTES = 512e6;

/** Seconds of a window. */
const WINDOW_SECONDS = 15;

/** Comparisons a second, each with the picture of a second before, that look for movement. */
const LOOKS = 5;

/** Grey levels by which a pixel has changed. */
const CHANGED = 14;

/** Share of the picture above which a change is the light's, or the camera's. */
const LARGEST_CHANGE = 0.3;

/** Share of a window's looks that may show more movement than what ranks it. */
const LIVELIER = 0.2;

/** Share of the tallest person's height below which it is a part of one, or a person far away. */
const SMALLEST_HEIGHT = 0.5;

interface PeopleOptions {
  /** Frames for which each must be seen. */
  readonly length: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * People who pass through footage, cut out frame by frame, from the windows in which most moves: who
 * crosses the scene is seen there as a whole.
 */
export async function peopleIn(
  footage: readonly Footage[],
  format: FrameFormat,
  { length, signal }: PeopleOptions,
): Promise<readonly Track[]> {
  const clips: Clip[] = [];
  for (const each of footage)
    clips.push(...(await liveliestWindows(each, format, footage.length, { length, signal })));
  signal?.throwIfAborted();
  const segments = clips.map(({ frames }, clip) => ({ clip, start: 0, end: frames }));
  const { tracks } = await findTracks(clips, segments, length);
  const height = ({ sprites: [first] }: Track) => first!.height;
  const tallest = Math.max(...tracks.map(height));
  return tracks.filter((track) => height(track) >= SMALLEST_HEIGHT * tallest);
}

interface Window {
  readonly pictures: readonly Uint8Array[];
  /** Share of the picture that changes within a second. */
  readonly movement: number;
}

/** The windows of footage in which most moves, as clips in memory. @param count videos in all */
async function liveliestWindows(
  footage: Footage,
  format: FrameFormat,
  count: number,
  { length, signal }: PeopleOptions,
): Promise<Clip[]> {
  const video = await footage.open(format);
  const frames = Math.max(length, Math.round(WINDOW_SECONDS * video.fps));
  const bytes = frames * format.channels * format.height * format.width;
  const most = Math.ceil(Math.min(WINDOWS, WINDOW_BYTES / bytes) / count);
  const lookEvery = Math.max(1, Math.round(video.fps / LOOKS));
  let liveliest: Window[] = [];
  let pictures: Uint8Array[] = [];
  for await (const { data } of video) {
    signal?.throwIfAborted();
    pictures.push(data);
    if (pictures.length < frames) continue;
    liveliest.push({ pictures, movement: movementOf(pictures, lookEvery) });
    liveliest.sort((a, b) => b.movement - a.movement);
    liveliest = liveliest.slice(0, most);
    pictures = [];
  }
  // Footage that is shorter than a window is one.
  if (liveliest.length === 0 && pictures.length >= length) liveliest = [{ pictures, movement: 0 }];
  return liveliest.map((window) =>
    clipOf(footage.name, video.fps, video.source, format, window.pictures),
  );
}

/** How much of the picture changes within a second, in all but the liveliest moments of a window. */
function movementOf(pictures: readonly Uint8Array[], lookEvery: number): number {
  const changes: number[] = [];
  for (let now = LOOKS * lookEvery; now < pictures.length; now += lookEvery) {
    const picture = pictures[now]!;
    const before = pictures[now - LOOKS * lookEvery]!;
    let changed = 0;
    for (let i = 0; i < picture.length; i++)
      if (Math.abs(picture[i]! - before[i]!) > CHANGED) changed += 1;
    changes.push(changed / picture.length);
  }
  changes.sort((a, b) => b - a);
  if (changes.length === 0 || changes[0]! > LARGEST_CHANGE) return 0;
  return changes[Math.floor(LIVELIER * changes.length)]!;
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
