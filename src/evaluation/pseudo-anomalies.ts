import { Random } from '../nn/random.ts';
import type { Size } from '../video/frame.ts';
import { type Blob, background, blobsOf, follow } from './blobs.ts';

/**
 * What is done to somebody who passes through normal footage of the same camera before he is put
 * into other normal footage: nothing (a control, which must not count as an anomaly), twice his
 * speed, or more than twice his width.
 */
export const pseudoKinds = ['control', 'fast', 'wide'] as const;
export type PseudoKind = (typeof pseudoKinds)[number];

/** A stretch of normal footage, and the same stretch with somebody put in, in each way. */
export interface PseudoAnomaly extends Readonly<Record<PseudoKind, readonly Uint8Array[]>> {
  readonly plain: readonly Uint8Array[];
}

export interface PseudoOptions {
  readonly size: Size;
  /** Frames of a stretch. */
  readonly length: number;
  readonly count: number;
  readonly seed: number;
}

const STRETCH = 2.2;
const SPEED = 2;
/** Whoever moves less than so many pixels a frame, over a picture of 256, is standing. */
const WALK = 0.25 / 256;
const TRIES = 20_000;

/**
 * Anomalies made from normal footage alone, to choose settings by without any label: a person is cut
 * out of one clip by his outline against the background, and put into another one.
 * @param into clips that nobody is cut out of for training: held-out footage, gray bytes `[height, width]`
 * @param from clips that people are cut out of
 * @returns at most `count`; fewer where hardly anybody walks by
 */
export function pseudoAnomalies(
  into: readonly (readonly Uint8Array[])[],
  from: readonly (readonly Uint8Array[])[],
  { size, length, count, seed }: PseudoOptions,
): PseudoAnomaly[] {
  const random = new Random(`pseudo ${seed}`);
  const watched = SPEED * length;
  const walk = WALK * size.width * watched;
  const grounds = new Map([...new Set([...into, ...from])].map((clip) => [clip, background(clip)]));
  const blobs = new Map(
    from.map((clip) => [clip, clip.map((frame) => blobsOf(frame, grounds.get(clip)!, size))]),
  );
  const found: PseudoAnomaly[] = [];
  if (![...blobs.values()].flat().some((there) => there.length > 0)) return found;
  for (let attempt = 0; attempt < TRIES && found.length < count; attempt++) {
    const clip = into[random.below(into.length)]!;
    const donor = from[random.below(from.length)]!;
    if (clip.length < length || donor.length < watched) continue;
    const start = random.below(clip.length - length + 1);
    const donorStart = random.below(donor.length - watched + 1);
    const there = blobs.get(donor)!.slice(donorStart, donorStart + watched);
    const first = there[0]!;
    if (first.length === 0) continue;
    const track = follow(there, first[random.below(first.length)]!, size);
    if (!track || distance(track[0]!, track.at(-1)!) < walk) continue;
    const plain = clip.slice(start, start + length);
    const put = (speed: number, stretch: number) =>
      plain.map((frame, t) => {
        const at = t * speed;
        const picture = donor[donorStart + at]!;
        const grown = { frame, ground: grounds.get(clip)! };
        return paste(
          grown,
          { frame: picture, ground: grounds.get(donor)! },
          track[at]!,
          size,
          stretch,
        );
      });
    found.push({ plain, control: put(1, 1), fast: put(SPEED, 1), wide: put(1, STRETCH) });
  }
  return found;
}

const distance = (a: Blob, b: Blob): number => Math.hypot(a.x - b.x, a.y - b.y);

interface Scene {
  readonly frame: Uint8Array;
  readonly ground: Uint8Array;
}

/** A frame with a blob of another in it, stretched about its middle; the light is that of the frame. */
function paste(to: Scene, from: Scene, blob: Blob, { width }: Size, stretch: number): Uint8Array {
  const result = to.frame.slice();
  const own = new Set(blob.pixels);
  const reach = Math.ceil((blob.right - blob.left) * stretch);
  const middle = Math.round(blob.x);
  for (let y = blob.top; y <= blob.bottom; y++)
    for (let x = Math.max(0, middle - reach); x < Math.min(width, middle + reach); x++) {
      const column = Math.round(middle + (x - middle) / stretch);
      const source = y * width + column;
      if (column < 0 || column >= width || !own.has(source)) continue;
      const at = y * width + x;
      const value = from.frame[source]! - from.ground[source]! + to.ground[at]!;
      result[at] = Math.max(0, Math.min(255, value));
    }
  return result;
}
