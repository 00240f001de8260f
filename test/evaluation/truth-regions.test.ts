import { describe, expect, it } from 'vitest';
import { overlap, TruthTracker } from '../../src/evaluation/truth-regions.ts';

/** A mask from rows in which # is anomalous. */
function mask(...rows: string[]): [Uint8Array, number, number] {
  const pixels = Uint8Array.from(rows.join(''), (c) => (c === '#' ? 255 : 0));
  return [pixels, rows[0]!.length, rows.length];
}

describe('truth tracker', () => {
  it('boxes regions that are connected over corners', () => {
    const regions = new TruthTracker().push(...mask('#....', '.#..#', '.....', '...#.'));
    expect(regions).toEqual([
      { x: 0, y: 0, width: 2, height: 2, track: 0 },
      { x: 4, y: 1, width: 1, height: 1, track: 1 },
      { x: 3, y: 3, width: 1, height: 1, track: 2 },
    ]);
  });

  it('continues a track by shared pixels, and starts one where none are shared', () => {
    const tracker = new TruthTracker();
    const tracks = (...rows: string[]) => tracker.push(...mask(...rows)).map(({ track }) => track);
    expect(tracks('##...##')).toEqual([0, 1]);
    expect(tracks('.##.##.')).toEqual([0, 1]);
    expect(tracks('..####.')).toEqual([1]); // merged: shares two pixels with 1, one with 0
    expect(tracks('##..#.#')).toEqual([2, 1, 3]);
    expect(tracks('.......')).toEqual([]);
    expect(tracks('##.....')).toEqual([4]);
    tracker.startClip();
    expect(tracks('##.....')).toEqual([5]);
    expect(tracks('##.##..')).toEqual([5, 6]);
    expect(tracks('#####..')).toEqual([5]); // shares as many pixels with each: the first
    expect(tracker.tracks).toBe(7);
  });

  it('refuses a mask of another size', () => {
    expect(() => new TruthTracker().push(new Uint8Array(5), 2, 3)).toThrow('5 pixels is not 2x3');
  });
});

describe('overlap', () => {
  it('is intersection over union', () => {
    const box = { x: 0, y: 0, width: 2, height: 2 };
    expect(overlap(box, box)).toBe(1);
    expect(overlap(box, { x: 1, y: 1, width: 2, height: 2 })).toBeCloseTo(1 / 7, 12);
    expect(overlap(box, { x: 2, y: 0, width: 2, height: 2 })).toBe(0);
    expect(overlap(box, { x: 4, y: 4, width: 2, height: 2 })).toBe(0);
  });
});
