import { describe, expect, it } from 'vitest';
import { decibels } from '../../src/scoring/blocks.ts';
import { smallestTail } from '../../src/scoring/rarity.ts';
import { StatisticsGatherer } from '../../src/scoring/statistics.ts';
import { flatErrors } from './frames-of-errors.ts';

describe('normal statistics', () => {
  it('has the spread of the worst block, for each kind of errors', () => {
    const gatherer = new StatisticsGatherer([4, 2]);
    const pace = new Float32Array(16);
    for (const error of [0.1, 0.01]) {
      gatherer.push({ ...flatErrors(error, 0.1), pace: pace.fill(2 * error) });
    }
    const { frames, appearance, motion, pace: surprise } = gatherer.statistics();
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
    const gatherer = new StatisticsGatherer([2]);
    const errors = flatErrors(0, 0);
    errors.appearance!.fill(1, 0, 2).fill(1, 4, 6);
    gatherer.push(errors);
    expect(gatherer.statistics().appearance!.blocks[0]!.quantiles[0]).toBeCloseTo(0, 3);
  });

  it('is plain JSON of the maps that count: neither what is off, nor the motion that pace expects', () => {
    const gatherer = new StatisticsGatherer([2]);
    const expectedMotion = new Float32Array(16).fill(0.1);
    gatherer.push({ ...flatErrors(0.1, 0), motion: undefined, expectedMotion });
    const statistics = gatherer.statistics();
    expect(Object.keys(statistics)).toEqual(['frames', 'appearance']);
    expect(JSON.parse(JSON.stringify(statistics))).toEqual(statistics);
  });

  it('refuses no frames and errors that are NaN', () => {
    expect(() => new StatisticsGatherer([2]).statistics()).toThrow('no frames');
    expect(() => new StatisticsGatherer([2]).push(flatErrors(Number.NaN, 0))).toThrow(
      'errors are not finite',
    );
  });
});
