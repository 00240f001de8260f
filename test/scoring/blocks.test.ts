import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockMeans, decibels, maximumBlockDecibels, psnr } from '../../src/scoring/blocks.ts';

describe('blocks', () => {
  it('averages every 2x2 block of a 3x3 map', () => {
    const map = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
    expect([...blockMeans(map, { width: 3, height: 3 }, 2)]).toEqual([3, 4, 6, 7]);
    expect([...blockMeans(map, { width: 3, height: 3 }, 3)]).toEqual([5]);
  });

  it('agrees with plain sums on any grid', () => {
    const cases = fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
      .chain(([width, height]) =>
        fc.record({
          width: fc.constant(width),
          height: fc.constant(height),
          size: fc.integer({ min: 1, max: Math.min(width, height) }),
          map: fc.float32Array({
            minLength: width * height,
            maxLength: width * height,
            min: 0,
            max: 4,
            noNaN: true,
          }),
        }),
      );
    fc.assert(
      fc.property(cases, ({ width, height, size, map }) => {
        const means = blockMeans(map, { width, height }, size);
        const columns = width - size + 1;
        expect(means.length).toBe(columns * (height - size + 1));
        for (const [i, mean] of means.entries()) {
          let sum = 0;
          for (let y = 0; y < size; y++)
            for (let x = 0; x < size; x++)
              sum += map[(Math.floor(i / columns) + y) * width + (i % columns) + x]!;
          expect(mean).toBeCloseTo(sum / size ** 2, 9);
        }
      }),
    );
  });

  it('tells errors in dB over a floor of -60 dB', () => {
    expect(decibels(0)).toBeCloseTo(-60, 9);
    expect(decibels(0.1)).toBeCloseTo(-10, 4);
    expect(psnr(0.04)).toBeCloseTo(20, 3); // 10 log10(2^2 / 0.04)
    const map = Float32Array.of(0, 0, 0, 0.4);
    expect(maximumBlockDecibels(map, { width: 2, height: 2 }, 1)).toBeCloseTo(-3.979, 3);
    expect(maximumBlockDecibels(map, { width: 2, height: 2 }, 2)).toBeCloseTo(-10, 3);
  });

  it('refuses maps and blocks that do not fit the grid', () => {
    expect(() => blockMeans(new Float32Array(5), { width: 2, height: 2 }, 1)).toThrow('5 cells');
    expect(() => blockMeans(new Float32Array(4), { width: 2, height: 2 }, 3)).toThrow(
      'blocks of 3',
    );
  });
});
