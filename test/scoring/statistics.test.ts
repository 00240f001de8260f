import { describe, expect, it } from 'vitest';
import { decibels } from '../../src/scoring/blocks.ts';
import { smallestTail } from '../../src/scoring/rarity.ts';
import { statisticsOf } from '../../src/scoring/statistics.ts';
import { flatErrors } from './frames-of-errors.ts';

describe('normal statistics', () => {
  it('has the spread of the worst block, for each kind of errors', () => {
    const errors = [0.1, 0.01].map((error) => ({
      ...flatErrors(error, 0.1),
      pace: new Float32Array(16).fill(2 * error),
    }));
    const { frames, appearance, motion, pace: surprise } = statisticsOf(errors, [4, 2]);
    expect(frames).toBe(2);
    expect(appearance!.blocks.map(({ size }) => size)).toEqual([2, 4]);
    for (const [kind, factor] of [
      [appearance, 1],
      [surprise, 2],
    ] as const)
      for (const { quantiles, tail } of kind!.blocks) {
        expect(quantiles[0]).toBeCloseTo(decibels(factor * 0.01), 4);
        expect(tail).toBeCloseTo(10, 2); // 10 dB
      }
    expect(motion!.blocks[0]!.tail).toBe(smallestTail);
  });

  it('uses the worst block, not the mean of the frame', () => {
    const errors = flatErrors(0, 0);
    errors.appearance!.fill(1, 0, 2).fill(1, 4, 6);
    expect(statisticsOf([errors], [2]).appearance!.blocks[0]!.quantiles[0]).toBeCloseTo(0, 3);
  });

  it('is plain JSON of the maps that count: neither what is off, nor the motion that pace expects', () => {
    const expectedMotion = new Float32Array(16).fill(0.1);
    const errors = { ...flatErrors(0.1, 0), motion: undefined, expectedMotion };
    const statistics = statisticsOf([errors], [2]);
    expect(Object.keys(statistics)).toEqual(['frames', 'appearance']);
    expect(JSON.parse(JSON.stringify(statistics))).toEqual(statistics);
  });

  it('refuses no frames and errors that are NaN', () => {
    expect(() => statisticsOf([], [2])).toThrow('no frames');
    expect(() => statisticsOf([flatErrors(Number.NaN, 0)], [2])).toThrow('errors are not finite');
  });
});
