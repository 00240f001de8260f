import type { Clip } from '../../datasets/clip.ts';
import type { Segment } from '../hold-out.ts';
import { spread } from '../spread.ts';
import { type Blob, estimateBackground, findBlobs, followBlob } from './blobs.ts';
import { cutOut, type Sprite } from './sprite.ts';

/** Part of a clip, short enough for a single background. */
interface Stretch {
  readonly clip: Clip;
  /** Frames `start` to `end - 1`. */
  readonly start: number;
  readonly end: number;
  /** `[channels, height, width]` */
  readonly background: Uint8Array;
}

/** A person or vehicle that crosses normal footage, cut out frame by frame. */
export interface Track {
  readonly stretch: Stretch;
  readonly sprites: readonly Sprite[];
  /** Horizontal centre and lower edge in each frame, in pixels. */
  readonly path: readonly { readonly x: number; readonly bottom: number }[];
}

/** Limits on the footage searched, so that it takes seconds and not minutes. */
const STRETCH_FRAMES = 150;
const STRETCHES = 128;
/** Minimum displacement in body lengths per clip; slower tracks count as stationary. */
const LEAST_DISPLACEMENT = 0.25;
/** Longest track in clips: playing one at three times its speed takes three. */
const LONGEST_TRACK = 3;
/** Most tracks kept per stretch and in total: about 40 MB at 256x256. */
const TRACKS_A_STRETCH = 8;
const TRACKS = 128;

/** Normal footage and the tracks found in it. */
export interface TrackedFootage {
  readonly stretches: readonly Stretch[];
  readonly tracks: readonly Track[];
}

/**
 * Cuts out everything that crosses normal footage, by its difference from the background.
 * @param length fewest frames of a track
 */
export async function findTracks(
  clips: readonly Clip[],
  segments: readonly Segment[],
  length: number,
): Promise<TrackedFootage> {
  const parts = segments.flatMap(({ clip, start, end }) => {
    const count = Math.ceil((end - start) / STRETCH_FRAMES);
    const cut = (i: number) => start + Math.round((i * (end - start)) / count);
    return Array.from({ length: count }, (_, i) => ({
      clip: clips[clip]!,
      start: cut(i),
      end: cut(i + 1),
    }));
  });
  const whole = parts.filter(
    ({ clip, start, end }) =>
      end - start >= length && !clip.corrupt.some((frame) => frame >= start && frame < end),
  );
  const stretches: Stretch[] = [];
  const tracks: Track[] = [];
  const some = spread(whole, STRETCHES);
  for (const [i, part] of some.entries()) {
    const pictures = await picturesOf(part);
    const stretch = { ...part, background: estimateBackground(pictures) };
    stretches.push(stretch);
    // Leaves room for tracks of later stretches.
    const room = Math.min(
      TRACKS_A_STRETCH,
      Math.ceil((TRACKS - tracks.length) / (some.length - i)),
    );
    tracks.push(...tracksIn(stretch, pictures, length).slice(0, room));
  }
  return { stretches, tracks };
}

async function picturesOf({
  clip,
  start,
  end,
}: Omit<Stretch, 'background'>): Promise<Uint8Array[]> {
  const bytes = await clip.read(start, end - start);
  const size = bytes.length / (end - start);
  return Array.from({ length: end - start }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

function tracksIn(stretch: Stretch, pictures: readonly Uint8Array[], length: number): Track[] {
  const { format } = stretch.clip;
  const blobs = pictures.map((picture) => findBlobs(picture, stretch.background, format));
  const found: { from: number; followed: Blob[] }[] = [];
  for (let from = 0; from + length <= blobs.length; from += length)
    for (const first of blobs[from]!) {
      const followed = followBlob(blobs.slice(from, from + LONGEST_TRACK * length), first);
      const last = followed.at(-1)!;
      const displacement = Math.hypot(last.x - first.x, last.y - first.y);
      const least =
        LEAST_DISPLACEMENT * Math.sqrt(first.pixels.length) * (followed.length / length);
      if (followed.length >= length && displacement >= least) found.push({ from, followed });
    }
  return found.map(({ from, followed }) => ({
    stretch,
    sprites: followed.map((blob, i) =>
      cutOut(pictures[from + i]!, stretch.background, blob, format),
    ),
    path: followed.map(({ left, right, bottom }) => ({
      x: (left + right + 1) / 2,
      bottom: bottom + 1,
    })),
  }));
}
