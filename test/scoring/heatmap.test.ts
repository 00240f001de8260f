import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decibels, errorKinds } from '../../src/scoring/blocks.ts';
import { findRegions, localRarities } from '../../src/scoring/heatmap.ts';
import { rarity } from '../../src/scoring/rarity.ts';
import { StreamScorer } from '../../src/scoring/score.ts';
import type { NormalStatistics } from '../../src/scoring/statistics.ts';
import { anyFrames, flatErrors } from './frames-of-errors.ts';

// At -20 dB the rarity is ln 10 - 1, and two dB more add 1.
const branch = {
  blocks: [{ size: 2, quantiles: Array.from({ length: 10 }, (_, i) => i - 29), tail: 2 }],
};
const ordinary = Math.log(10) - 1;
const statistics: NormalStatistics = { frames: 10, appearance: branch, motion: branch };

describe('local rarities', () => {
  it('marks the cells of every block that holds the error, and no others', () => {
    const errors = { ...flatErrors(0.001, 0, 5, 5), motion: undefined };
    errors.appearance[12] = 0.397; // the middle cell; its blocks have (0.397 + 0.003) / 4 = 0.1
    const local = localRarities(errors, { frames: 10, appearance: branch }, 'sum');
    const at = (x: number, y: number) => local[y * 5 + x]!;
    for (let y = 0; y < 5; y++)
      for (let x = 0; x < 5; x++) {
        const near = Math.max(Math.abs(x - 2), Math.abs(y - 2)) <= 1;
        expect(at(x, y)).toBeCloseTo(near ? 5 + ordinary : 0, 3); // -10 and -30 dB
      }
  });

  it('is the sum over the kinds of errors, or the largest of them, as the score is', () => {
    const errors = flatErrors(0.1, 0.2, 4, 4);
    const at = (combination: 'sum' | 'largest') =>
      localRarities(errors, statistics, combination)[0]!;
    const [appearance, motion] = [0.1, 0.2].map((error) =>
      rarity(branch.blocks[0]!, decibels(error)),
    );
    expect(at('sum')).toBeCloseTo(appearance! + motion!, 3);
    expect(at('largest')).toBeCloseTo(motion!, 3);
  });

  it('has the frame score of one kind of errors as its maximum, where that is above normal', () => {
    fc.assert(
      fc.property(anyFrames, fc.constantFrom(...errorKinds), (frames, kind) => {
        const settings = { window: 1, combination: 'largest' } as const;
        const scorer = new StreamScorer({ frames: 10, [kind]: branch }, settings);
        for (const frame of frames) {
          const { raw, heatmap } = scorer.push({ grid: frame.grid, [kind]: frame[kind] });
          expect(Math.max(...heatmap)).toBeCloseTo(Math.max(0, raw), 3);
        }
      }),
    );
  });
});

describe('smoothed local rarities', () => {
  it('keep what passed through a quiet place', () => {
    const scorer = new StreamScorer(statistics, { window: 10, combination: 'largest' });
    const quiet = flatErrors(0, 0, 4, 4);
    for (let frame = 0; frame < 9; frame++) scorer.push(quiet);
    const { heatmap } = scorer.push(flatErrors(1, 0, 4, 4)); // 0 dB
    expect(Math.max(...heatmap)).toBeCloseTo((10 + ordinary) / 10, 3);
  });
});

describe('regions', () => {
  const grid = { width: 6, height: 4 };

  it('are connected over corners, boxed in pixels of the source, worst first', () => {
    const heatmap = [5, 0, 0, 0, 0, 0, 0, 6, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 3];
    expect(findRegions(heatmap, grid, 4, { width: 60, height: 40 })).toEqual([
      { x: 40, y: 10, width: 10, height: 10, score: 9 },
      { x: 0, y: 0, width: 20, height: 20, score: 6 },
      { x: 20, y: 30, width: 10, height: 10, score: 4 },
    ]);
  });

  it('are connected to the left below too, and widened to whole pixels', () => {
    const heatmap = new Float32Array(24);
    heatmap[2] = heatmap[7] = 1;
    // Columns 1 and 2 of 6 in 10 pixels: 1.67 to 5; rows 0 and 1 of 4 in 10: 0 to 5.
    expect(findRegions(heatmap, grid, 1, { width: 10, height: 10 })).toEqual([
      { x: 1, y: 0, width: 4, height: 5, score: 1 },
    ]);
    // Column 1 alone: 1.67 to 3.33; row 1: 2.5 to 5.
    heatmap[2] = 0;
    expect(findRegions(heatmap, grid, 1, { width: 10, height: 10 })).toEqual([
      { x: 1, y: 2, width: 3, height: 3, score: 1 },
    ]);
  });

  it('do not wrap around the sides', () => {
    const heatmap = new Float32Array(24).fill(0);
    heatmap[5] = heatmap[6] = 1;
    expect(findRegions(heatmap, grid, 1, { width: 6, height: 4 })).toHaveLength(2);
  });

  it('are whole pixels within the source, whatever its size', () => {
    const sizes = fc.record({
      width: fc.integer({ min: 6, max: 500 }),
      height: fc.integer({ min: 4, max: 500 }),
    });
    const maps = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 24, maxLength: 24 });
    fc.assert(
      fc.property(sizes, maps, (source, heatmap) => {
        for (const region of findRegions(heatmap, grid, 1, source)) {
          expect(Object.values(region).every(Number.isInteger)).toBe(true);
          expect(region.x + region.width).toBeLessThanOrEqual(source.width);
          expect(region.y + region.height).toBeLessThanOrEqual(source.height);
          expect(Math.min(region.width, region.height)).toBeGreaterThan(0);
        }
      }),
    );
  });
});
