import type { Clip } from '../../datasets/clip.ts';
import type { Segment } from '../hold-out.ts';
import { spread } from '../spread.ts';
import { type Blob, background, blobsOf, follow } from './blobs.ts';
import { cutOut, type Sprite } from './sprite.ts';

/** A part of a clip that is short enough to have one background. */
interface Stretch {
  readonly clip: Clip;
  /** Its frames are `start` to `end - 1`. */
  readonly start: number;
  readonly end: number;
  /** What is there when nobody is, `[channels, height, width]`. */
  readonly ground: Uint8Array;
}

/** Somebody who passes through normal footage, cut out frame by frame. */
export interface Passer {
  readonly stretch: Stretch;
  readonly sprites: readonly Sprite[];
  /** His middle and his lower edge in each frame, in pixels. */
  readonly path: readonly { readonly x: number; readonly bottom: number }[];
}

/** Frames of a stretch, and how many stretches are looked at, at most: seconds of work, not minutes. */
const STRETCH_FRAMES = 150;
const STRETCHES = 128;
/** Whoever goes less than so far in a clip's time, in his own lengths, is standing. */
const WALK = 0.25;
/** Lengths for which somebody is followed: who is to be three times as fast takes three. */
const FOLLOWED = 3;
/** Passers that are kept of one stretch, and of all: at most some 40 MB of them at 256x256. */
const OF_A_STRETCH = 8;
const OF_ALL = 128;

/** Normal footage, and those who pass through it. */
export interface Passage {
  readonly stretches: readonly Stretch[];
  readonly passers: readonly Passer[];
}

/**
 * Cuts out whoever passes through normal footage, by his outline against the background.
 * @param length frames for which he must be seen
 */
export async function findPassers(
  clips: readonly Clip[],
  segments: readonly Segment[],
  length: number,
): Promise<Passage> {
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
  const passers: Passer[] = [];
  const some = spread(whole, STRETCHES);
  for (const [i, part] of some.entries()) {
    const pictures = await picturesOf(part);
    const stretch = { ...part, ground: background(pictures) };
    stretches.push(stretch);
    // Some are left for the stretches that are still to come.
    const room = Math.min(OF_A_STRETCH, Math.ceil((OF_ALL - passers.length) / (some.length - i)));
    passers.push(...passersOf(stretch, pictures, length).slice(0, room));
  }
  return { stretches, passers };
}

async function picturesOf({ clip, start, end }: Omit<Stretch, 'ground'>): Promise<Uint8Array[]> {
  const bytes = await clip.read(start, end - start);
  const size = bytes.length / (end - start);
  return Array.from({ length: end - start }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

function passersOf(stretch: Stretch, pictures: readonly Uint8Array[], length: number): Passer[] {
  const { format } = stretch.clip;
  const blobs = pictures.map((picture) => blobsOf(picture, stretch.ground, format));
  const tracks: { from: number; track: Blob[] }[] = [];
  for (let from = 0; from + length <= blobs.length; from += length)
    for (const first of blobs[from]!) {
      const track = follow(blobs.slice(from, from + FOLLOWED * length), first);
      const last = track.at(-1)!;
      const gone = Math.hypot(last.x - first.x, last.y - first.y);
      const least = WALK * Math.sqrt(first.pixels.length) * (track.length / length);
      if (track.length >= length && gone >= least) tracks.push({ from, track });
    }
  return tracks.map(({ from, track }) => ({
    stretch,
    sprites: track.map((blob, i) => cutOut(pictures[from + i]!, stretch.ground, blob, format)),
    path: track.map(({ left, right, bottom }) => ({
      x: (left + right + 1) / 2,
      bottom: bottom + 1,
    })),
  }));
}
