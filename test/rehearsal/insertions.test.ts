import { describe, expect, test } from 'vitest';
import { Random } from '../../src/nn/random.ts';
import { type Insertion, Insertions } from '../../src/rehearsal/insertions.ts';
import { objectKinds } from '../../src/training/synthetic/objects.ts';
import type { Track } from '../../src/training/synthetic/tracks.ts';

const format = { width: 64, height: 48, channels: 1 } as const;
const area = format.width * format.height;
const fps = 5;
const background = new Uint8Array(area).fill(90);

/** Somebody of 6x16 pixels who walks to the right, a pixel a frame. */
const track: Track = {
  stretch: undefined as never,
  sprites: Array.from({ length: 40 }, () => ({
    width: 6,
    height: 16,
    mask: new Uint8Array(96).fill(1),
    differences: new Int16Array(96).fill(80),
  })),
  path: Array.from({ length: 40 }, (_, i) => ({ x: 10 + i, bottom: 40 })),
};

function applied(insertion: Insertion): number[] {
  const pictures = Array.from({ length: insertion.frames }, () => background.slice());
  insertion.apply(pictures, background);
  return pictures.map((picture) => picture.filter((value) => value !== 90).length);
}

const insertionsOf = (tracks: readonly Track[], seed: string) =>
  new Insertions(tracks, format, fps, new Random(seed));

describe('insertions', () => {
  test('of every kind take turns, and each shows in the pictures', () => {
    const insertions = insertionsOf([track], 'a');
    const kinds = new Set<string>();
    for (let i = 0; i < 18; i++) {
      const insertion = insertions.next();
      kinds.add(insertion.kind);
      const changed = applied(insertion);
      expect(changed.length, insertion.kind).toBeGreaterThan(1);
      // Cut out of an even background, a displaced part of it looks like the rest.
      if (insertion.kind !== 'displaced')
        expect(Math.max(...changed), insertion.kind).toBeGreaterThan(4);
    }
    expect(kinds.size).toBe(18);
  });

  test('are objects alone where nobody passes', () => {
    const insertions = insertionsOf([], 'b');
    const kinds = new Set(Array.from({ length: 20 }, () => insertions.next().kind));
    expect([...kinds].sort()).toEqual([...objectKinds].sort());
  });

  test('are the same for the same seed', () => {
    const [one, other] = [insertionsOf([track], 'c'), insertionsOf([track], 'c')];
    for (let i = 0; i < 18; i++) {
      const [a, b] = [one.next(), other.next()];
      expect(a.kind).toBe(b.kind);
      expect(applied(a)).toEqual(applied(b));
    }
  });

  test('that stand stay where they are, and those that jump leave the background', () => {
    const insertions = insertionsOf([track], 'd');
    const all = Array.from({ length: 18 }, () => insertions.next());
    const rows = (kind: string) => {
      const insertion = all.find((one) => one.kind === kind)!;
      const pictures = Array.from({ length: insertion.frames }, () => background.slice());
      insertion.apply(pictures, background);
      return pictures.map((picture) => {
        const at = [...picture.keys()].filter((i) => picture[i] !== 90);
        return {
          lowest: Math.floor(Math.max(...at) / 64),
          left: Math.min(...at.map((i) => i % 64)),
        };
      });
    };
    const standing = rows('standing');
    expect(new Set(standing.map(({ left }) => left)).size).toBe(1);
    const lowest = rows('jumping').map((row) => row.lowest);
    expect(Math.max(...lowest) - Math.min(...lowest)).toBeGreaterThan(4);
  });
});
