import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chartMarkup, shownSamples, ticks } from '../../../src/evaluation/report/chart.ts';

describe('shown samples of a line', () => {
  it('are few, in order, and hold the lowest and the highest', () => {
    const values = fc.array(fc.double({ min: -9, max: 9, noNaN: true }), {
      minLength: 1300,
      maxLength: 4000,
    });
    fc.assert(
      fc.property(values, (y) => {
        const shown = shownSamples({ x: y.map((_, i) => i), y }, y.length);
        expect(shown.length).toBeLessThanOrEqual(1200);
        expect(shown).toEqual([...new Set(shown)].sort((a, b) => a - b));
        const seen = shown.map((i) => y[i]!);
        expect(Math.max(...seen)).toBe(Math.max(...y));
        expect(Math.min(...seen)).toBe(Math.min(...y));
      }),
      { numRuns: 20 },
    );
  });

  it('are all where they are few', () => {
    expect(shownSamples({ x: [0, 1, 2], y: [5, 6, 7] }, 3)).toEqual([0, 1, 2]);
  });
});

describe('ticks', () => {
  it('are round values within the range', () => {
    expect(ticks(0, 10)).toEqual([0, 5, 10]);
    expect(ticks(-1.2, 31)).toEqual([0, 10, 20, 30]);
    expect(ticks(0, 0.3).map((tick) => Number(tick.toFixed(9)))).toEqual([0, 0.1, 0.2, 0.3]);
    expect(ticks(2, 2)).toEqual([2]);
  });
});

describe('chart', () => {
  it('draws the line, the truth and the threshold to scale', () => {
    const markup = chartMarkup({
      kind: 'tall',
      description: 'a "line"',
      lines: [{ kind: 'score', x: [0, 5, 10], y: [0, 10, 5] }],
      width: 10,
      low: 0,
      high: 10,
      xTicks: [{ at: 10, label: 'end' }],
      spans: [{ start: 2, end: 4 }],
      level: 5,
      marks: [{ x: 5, y: 10, label: '1' }],
    });
    expect(markup).toContain('d="M0 200L500 0L1000 100"');
    expect(markup).toContain('<rect class="truth" x="200" y="0" width="200" height="200"/>');
    expect(markup).toContain('<path class="level" d="M0 100H1000"/>');
    expect(markup).toContain('<b style="left:50%;top:0%">1</b>');
    expect(markup).toContain('aria-label="a &#34;line&#34;"');
    expect(markup).toContain('<span class="end" style="left:100%">end</span>');
  });
});
