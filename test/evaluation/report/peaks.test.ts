import { describe, expect, it } from 'vitest';
import { peakFrames } from '../../../src/evaluation/report/peaks.ts';

describe('peak frames', () => {
  it('are the highest that lie apart, the highest first', () => {
    const score = new Array<number>(100).fill(0);
    score[10] = 5;
    score[12] = 4; // within four seconds of a higher one
    score[50] = 9;
    score[80] = 7;
    expect(peakFrames(score, 1)).toEqual([50, 80, 10]);
  });

  it('are no flanks', () => {
    const mountain = Array.from({ length: 60 }, (_, i) => -Math.abs(i - 30));
    expect(peakFrames(mountain, 1)).toEqual([30]);
  });

  it('of a plateau is its first frame; of nothing there is none', () => {
    expect(peakFrames([1, 1, 1], 1)).toEqual([0]);
    expect(peakFrames([], 1)).toEqual([]);
  });
});
