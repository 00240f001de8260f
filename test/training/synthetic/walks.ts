import type { Clip } from '../../../src/datasets/clip.ts';

export const format = { width: 64, height: 64, channels: 1 } as const;
export const BOX = { width: 4, height: 8, row: 30, brightness: 200 } as const;
/** Margin by which outlines are dilated. */
export const EDGE = 2;

/** The picture without the box. */
export const background = Uint8Array.from({ length: 64 * 64 }, (_, pixel) => {
  const [x, y] = [pixel % 64, Math.floor(pixel / 64)];
  return 100 + ((3 * x + 5 * y) % 7);
});

export const still = (frames: number): Uint8Array[] =>
  Array.from({ length: frames }, () => background.slice());

/** A box that walks to the right, by default one pixel in two frames, its left half darker. */
export function walk(frames: number, light = 0, framesAPixel = 2): Uint8Array[] {
  return Array.from({ length: frames }, (_, t) =>
    background.map((value, pixel) => {
      const x = (pixel % 64) - (6 + Math.floor(t / framesAPixel));
      const y = Math.floor(pixel / 64) - BOX.row;
      const inside = x >= 0 && x < BOX.width && y >= 0 && y < BOX.height;
      const texture = x < BOX.width / 2 ? 0.9 * BOX.brightness : BOX.brightness;
      return (inside ? texture : value) + light;
    }),
  );
}

export function clipOf(frames: readonly Uint8Array[], corrupt: readonly number[] = []): Clip {
  return {
    name: 'walk',
    path: 'walk',
    frames: frames.length,
    fps: 10,
    source: format,
    format,
    corrupt,
    read: async (start, count) =>
      Uint8Array.from(frames.slice(start, start + count).flatMap((frame) => [...frame])),
    readInto: async (place, start) =>
      place.set(
        frames.slice(start, start + place.length / frames[0]!.length).flatMap((f) => [...f]),
      ),
    close: async () => undefined,
  };
}

/** Whole clips as segments. */
export const segmentsOf = (clips: readonly Clip[]) =>
  clips.map(({ frames }, clip) => ({ clip, start: 0, end: frames }));

/** Bounding box of everything much brighter than the background. */
export function bright(picture: Uint8Array) {
  const places = [...picture.keys()].filter((pixel) => picture[pixel]! > 150);
  const columns = places.map((pixel) => pixel % 64);
  const rows = places.map((pixel) => Math.floor(pixel / 64));
  const [left, top] = [Math.min(...columns), Math.min(...rows)];
  return {
    left,
    top,
    width: Math.max(...columns) - left + 1,
    height: Math.max(...rows) - top + 1,
    pixels: places.length,
  };
}
