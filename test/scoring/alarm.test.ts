import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Alarm, alarmEpisodes, holdFrames } from '../../src/scoring/alarm.ts';

describe('alarm', () => {
  it('starts above the threshold and ends with the hold-th quiet frame', () => {
    const scores = [0, 1, 2, 5, 0, 3, 0, 0, 0, 2, 0];
    expect(alarmEpisodes(scores, 1, { hold: 2 })).toEqual([
      { start: 2, end: 7, peak: 5, peakFrame: 3 },
      { start: 9, end: 11, peak: 2, peakFrame: 9 },
    ]);
    expect(alarmEpisodes(scores, 1, { hold: 1 }).map(({ start, end }) => [start, end])).toEqual([
      [2, 4],
      [5, 6],
      [9, 10],
    ]);
    expect(alarmEpisodes(scores, 5, { hold: 2 })).toEqual([]);
  });

  it('is on, frame by frame, within its episodes and nowhere else', () => {
    const scores = fc.array(fc.integer({ min: 0, max: 3 }));
    fc.assert(
      fc.property(scores, fc.integer({ min: 1, max: 4 }), (series, hold) => {
        const alarm = new Alarm(1, hold);
        const on = series.map((score) => alarm.push(score));
        const episodes = alarmEpisodes(series, 1, { hold });
        for (const [i, state] of on.entries())
          expect(state).toBe(episodes.some(({ start, end }) => start <= i && i < end));
      }),
    );
  });

  it('is held two seconds, at least a frame', () => {
    expect(holdFrames(25)).toBe(50);
    expect(holdFrames(0.1)).toBe(1);
    expect(() => new Alarm(1, 0)).toThrow('held 0 frames');
  });
});
