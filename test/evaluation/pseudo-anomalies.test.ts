import { describe, expect, test } from 'vitest';
import { background, blobsOf, follow } from '../../src/evaluation/blobs.ts';
import { pseudoAnomalies } from '../../src/evaluation/pseudo-anomalies.ts';

const size = { width: 64, height: 64 };
const ground = (x: number, y: number) => 100 + ((3 * x + 5 * y) % 7);

/** A clip in which a box of 4x8 pixels walks to the right, one pixel in two frames. */
function walk(frames: number, row: number, light = 0): Uint8Array[] {
  return Array.from({ length: frames }, (_, t) =>
    Uint8Array.from({ length: 64 * 64 }, (_, pixel) => {
      const [x, y] = [pixel % 64, Math.floor(pixel / 64)];
      const left = 6 + Math.floor(t / 2);
      const inside = x >= left && x < left + 4 && y >= row && y < row + 8;
      return (inside ? 200 : ground(x, y)) + light;
    }),
  );
}

/** Where something brighter than the ground is, in a frame. */
function bright(frame: Uint8Array) {
  const columns = [...frame.keys()].filter((pixel) => frame[pixel]! > 150).map((p) => p % 64);
  return { left: Math.min(...columns), right: Math.max(...columns), pixels: columns.length };
}

describe('blobs', () => {
  const clip = walk(80, 20);

  test('the background is what is there when nobody is', () => {
    const empty = background(clip);
    expect([...empty.keys()].every((p) => empty[p] === ground(p % 64, Math.floor(p / 64)))).toBe(
      true,
    );
  });

  test('a person is found with the edge of his outline, and followed', () => {
    const empty = background(clip);
    const found = clip.map((frame) => blobsOf(frame, empty, size));
    expect(found[0]).toEqual([
      expect.objectContaining({ left: 4, right: 11, top: 18, bottom: 29, x: 7.5, y: 23.5 }),
    ]);
    const track = follow(found, found[0]![0]!, size)!;
    expect(track).toHaveLength(80);
    expect(track.at(-1)!.x - track[0]!.x).toBeCloseTo(39, 5);
  });

  test('who vanishes is lost', () => {
    const empty = background(clip);
    const found = clip.slice(0, 5).map((frame) => blobsOf(frame, empty, size));
    expect(follow([...found, []], found[0]![0]!, size)).toBeUndefined();
  });
});

describe('pseudo-anomalies', () => {
  const empty = Array.from({ length: 30 }, () =>
    Uint8Array.from({ length: 64 * 64 }, (_, p) => ground(p % 64, Math.floor(p / 64))),
  );
  const made = pseudoAnomalies([empty], [walk(70, 30, 20)], {
    size,
    length: 20,
    count: 5,
    seed: 0,
  });

  test('are as many as are wanted, of the wanted length', () => {
    expect(made).toHaveLength(5);
    for (const stretch of made)
      for (const kind of ['plain', 'control', 'fast', 'wide'] as const)
        expect(stretch[kind]).toHaveLength(20);
  });

  test('the control walks as he did, in the light of the other clip', () => {
    for (const { plain, control } of made) {
      expect(plain[0]).toEqual(empty[0]);
      const [first, last] = [bright(control[0]!), bright(control.at(-1)!)];
      expect(first.pixels).toBe(32);
      expect([9, 10]).toContain(last.left - first.left);
      // Where he is not, the ground is untouched.
      expect(control[0]![0]).toBe(ground(0, 0));
      expect(Math.max(...control[0]!)).toBe(200);
    }
  });

  test('the fast one goes twice as far, the wide one is twice as wide', () => {
    for (const { fast, wide, control } of made) {
      expect(bright(fast.at(-1)!).left - bright(fast[0]!).left).toBe(19);
      const [normal, broad] = [bright(control[5]!), bright(wide[5]!)];
      const width = ({ left, right }: typeof normal) => right - left + 1;
      expect(width(normal)).toBe(4);
      expect(width(broad)).toBeGreaterThanOrEqual(8);
    }
  });

  test('are the same for the same seed, and none where nobody walks', () => {
    const again = pseudoAnomalies([empty], [walk(70, 30, 20)], {
      size,
      length: 20,
      count: 5,
      seed: 0,
    });
    const bytes = (all: typeof made) =>
      Buffer.concat(all.flatMap((one) => Object.values(one).flat()));
    expect(bytes(again).equals(bytes(made))).toBe(true);
    expect(pseudoAnomalies([empty], [empty], { size, length: 10, count: 5, seed: 0 })).toEqual([]);
  });
});
