import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Episodes } from '../../src/scoring/alarm/episodes.ts';
import { alarmEpisodes } from '../../src/scoring/alarm/series.ts';

/** Frames of a second; `A` is above the threshold of 1. */
const series = (text: string): number[] => [...text].map((sign) => (sign === 'A' ? 2 : 0));
const spans = (scores: readonly number[], fps: number, grouping?: number) =>
  alarmEpisodes(scores, 1, { fps, ...(grouping ? { grouping } : {}) }).map(({ start, end }) => [
    start,
    end,
  ]);

describe('alarms of a series', () => {
  it('start above the threshold and end two seconds after they were last above', () => {
    const scores = [0, 1, 2, 5, 0, 0, 0];
    expect(alarmEpisodes(scores, 1, { fps: 1 })).toEqual([
      { start: 2, end: 5, peak: 5, peakFrame: 3 },
    ]);
    expect(alarmEpisodes(scores, 5, { fps: 1 })).toEqual([]);
  });

  it('are one within the grouping time, a minute where nothing else is said', () => {
    const near = series(`A${'.'.repeat(58)}A...`);
    const far = series(`A${'.'.repeat(59)}A...`);
    expect(spans(near, 1)).toEqual([[0, 61]]);
    expect(spans(far, 1)).toEqual([
      [0, 2],
      [60, 62],
    ]);
    expect(spans(series('A...A...'), 1, 4000)).toHaveLength(2);
    expect(spans(series('A...A...'), 1, 5000)).toHaveLength(1);
  });

  it('are grouped alike at every frame rate', () => {
    for (const fps of [1, 3, 7, 12.5, 29.97, 30]) {
      const scores = new Float64Array(Math.ceil(130 * fps));
      scores[0] = scores[Math.ceil(60 * fps)] = scores[Math.floor(119 * fps)] = 2;
      expect(spans([...scores], fps), `${fps}`).toHaveLength(2);
    }
  });

  it('end with the series', () => {
    expect(spans(series('..AA'), 1)).toEqual([[2, 4]]);
  });

  it('end after five minutes and start again only after quiet', () => {
    const endless = series('A'.repeat(1000));
    expect(spans(endless, 1)).toEqual([[0, 300]]);
    expect(spans([...endless, ...series(`${'.'.repeat(60)}A..`)], 1)).toHaveLength(2);
  });
});

describe('the rule', () => {
  it('sounds above the threshold and for two seconds after it', () => {
    const above = fc.array(fc.boolean(), { maxLength: 200 });
    fc.assert(
      fc.property(above, fc.integer({ min: 1, max: 30 }), (frames, fps) => {
        const rule = new Episodes();
        for (const [i, now] of frames.entries()) {
          rule.advance((i * 1000) / fps);
          rule.push((i * 1000) / fps, now);
          const held = frames.slice(Math.max(0, i - 2 * fps + 1), i + 1).some(Boolean);
          expect(rule.sounding).toBe(held);
        }
      }),
    );
  });

  it('never starts two episodes within the grouping time', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 40_000 }), fc.boolean()));
    fc.assert(
      fc.property(steps, fc.integer({ min: 2000, max: 120_000 }), (scores, grouping) => {
        const rule = new Episodes(grouping);
        let time = 0;
        let last = Number.NEGATIVE_INFINITY;
        for (const [step, above] of scores) {
          time += step;
          rule.advance(time);
          if (rule.push(time, above)) expect(time - last).toBeGreaterThanOrEqual(grouping);
          if (above) last = time;
        }
      }),
    );
  });

  it('refuses a grouping that is shorter than an alarm', () => {
    expect(() => new Episodes(1999)).toThrow('grouped within 1999 ms; use at least 2000');
  });
});
