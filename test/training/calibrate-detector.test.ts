import { describe, expect, test } from 'vitest';
import type { Clip } from '../../src/datasets/clip.ts';
import { calibrationFrames, heldOutErrors } from '../../src/training/calibrate-detector.ts';

const grid = { width: 2, height: 2 };
const warmUp = 3;

/** Stands in for a detector; every frame is one byte. */
const format = { width: 256, height: 256, channels: 1 } as const;
const detector = {
  format,
  async *errors(frames: AsyncIterable<Uint8Array>) {
    let seen = 0;
    for await (const _ of frames)
      yield seen++ < warmUp
        ? undefined
        : { grid, appearance: new Float32Array(4), motion: undefined, pace: undefined };
  },
};

const clipOf = (frames: number): Clip => ({
  name: 'clip',
  path: 'clip.mp4',
  frames,
  fps: 10,
  source: { width: 1, height: 1 },
  format: { width: 1, height: 1, channels: 1 },
  corrupt: [],
  read: async (_, count) => new Uint8Array(count),
  readInto: async () => undefined,
  close: async () => undefined,
});

/** The pieces that are scored of so many clips that are held out whole. */
async function scored(clips: number, frames: number) {
  const held = Array.from({ length: clips }, (_, clip) => ({ clip, start: 0, end: frames }));
  const stretches = await heldOutErrors(
    detector,
    held.map(() => clipOf(frames)),
    held,
  );
  for (const { errors, segment } of stretches)
    expect(errors.length).toBe(segment.end - segment.start - warmUp);
  return stretches.map(({ segment }) => segment);
}

describe('held-out footage', () => {
  test('is scored whole where it is little', async () => {
    const pieces = await scored(4, 50);
    expect(pieces).toEqual([0, 1, 2, 3].map((clip) => ({ clip, start: 0, end: 50 })));
  });

  test('is scored at the start of each piece where it is much', async () => {
    const pieces = await scored(10, 5000);
    expect(pieces.map(({ clip }) => clip)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const { end } of pieces) expect(end).toBe(calibrationFrames(format) / 10);
  });

  test('is scored in some of very many pieces, so that no start is too short', async () => {
    const pieces = await scored(1000, 600);
    expect(pieces.length).toBe(100);
    expect(pieces.slice(0, 3).map(({ clip }) => clip)).toEqual([5, 15, 25]);
    for (const { end } of pieces) expect(end).toBe(200);
  });

  test('is more of small frames, which take less time', () => {
    expect(calibrationFrames(format)).toBe(20_000);
    expect(calibrationFrames({ ...format, height: 128 })).toBe(40_000);
    expect(calibrationFrames({ width: 128, height: 64, channels: 1 })).toBe(80_000);
  });
});
