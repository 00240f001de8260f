import { describe, expect, it } from 'vitest';
import { decibels, psnr } from '../../src/scoring/blocks.ts';
import { StatisticsGatherer, smallestDeviation } from '../../src/scoring/statistics.ts';
import { flatErrors } from './frames-of-errors.ts';

describe('normal statistics', () => {
  it('has mean and deviation of the worst block and of the PSNR, for each decoder', () => {
    const gatherer = new StatisticsGatherer([4, 2]);
    gatherer.push(flatErrors(0.01, 0.1));
    gatherer.push(flatErrors(0.1, 0.1));
    const { frames, appearance, motion } = gatherer.statistics();
    expect(frames).toBe(2);
    expect(appearance!.blocks.map(({ size }) => size)).toEqual([2, 4]);
    for (const { mean, deviation } of appearance!.blocks) {
      expect(mean).toBeCloseTo((decibels(0.01) + decibels(0.1)) / 2, 6);
      expect(deviation).toBeCloseTo(5, 3); // -20 and -10 dB
    }
    expect(appearance!.psnr.mean).toBeCloseTo((psnr(0.01) + psnr(0.1)) / 2, 6);
    expect(motion!.psnr.deviation).toBe(smallestDeviation);
  });

  it('uses the worst block, not the mean of the frame', () => {
    const gatherer = new StatisticsGatherer([2]);
    const errors = flatErrors(0, 0);
    errors.appearance!.fill(1, 0, 2).fill(1, 4, 6);
    gatherer.push(errors);
    expect(gatherer.statistics().appearance!.blocks[0]!.mean).toBeCloseTo(0, 3);
    expect(gatherer.statistics().appearance!.psnr.mean).toBeCloseTo(psnr(0.25), 6);
  });

  it('is plain JSON, with null for a decoder that is off', () => {
    const gatherer = new StatisticsGatherer([2]);
    gatherer.push({ ...flatErrors(0.1, 0), motion: undefined });
    const statistics = gatherer.statistics();
    expect(statistics.motion).toBeNull();
    expect(JSON.parse(JSON.stringify(statistics))).toEqual(statistics);
  });

  it('refuses no frames and errors that are NaN', () => {
    expect(() => new StatisticsGatherer([2]).statistics()).toThrow('no frames');
    expect(() => new StatisticsGatherer([2]).push(flatErrors(Number.NaN, 0))).toThrow('not finite');
  });
});
