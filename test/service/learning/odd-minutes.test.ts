import { expect, test } from 'vitest';
import {
  isConfirmed,
  oddSpans,
  segmentsWithout,
  spansOf,
  spreadSpans,
} from '../../../src/service/learning/odd-minutes.ts';
import { secondPeaks } from '../../../src/service/learning/second-peaks.ts';

const minute = (peak: number, clip = 0) => ({ clip, start: 0, end: 600, peak, peakFrame: 5 });
/** Minutes whose peaks are between 3 and 5. */
const ordinary = (count: number) =>
  Array.from({ length: count }, (_, i) => minute(4 + Math.sin(7 * i)));

test('clips are cut into equal spans of about a minute', () => {
  const clips = [
    { frames: 610, fps: 10 },
    { frames: 1500, fps: 10 },
    { frames: 20, fps: 10 },
  ];
  expect(spansOf(clips, 60)).toEqual([
    { clip: 0, start: 0, end: 610 },
    { clip: 1, start: 0, end: 500 },
    { clip: 1, start: 500, end: 1000 },
    { clip: 1, start: 1000, end: 1500 },
    { clip: 2, start: 0, end: 20 },
  ]);
});

test('of very much footage whole minutes are taken, evenly', () => {
  const spans = spansOf([{ frames: 6000, fps: 10 }], 60);
  expect(spreadSpans(spans, 6000)).toEqual(spans);
  const taken = spreadSpans(spans, 2500);
  expect(taken.map(({ start }) => start)).toEqual([600, 1800, 3600, 4800]);
  expect(taken.every(({ start, end }) => end - start === 600)).toBe(true);
});

test('a minute that is far above the others is odd; the worst come first, a twentieth at most', () => {
  expect(oddSpans(ordinary(60))).toEqual([]);
  const odd = [minute(60), minute(300), minute(100), minute(80), minute(90)];
  const minutes = [...odd, ...ordinary(75)];
  expect(oddSpans(minutes).map(({ peak }) => peak)).toEqual([300, 100, 90, 80]);
  expect(oddSpans([minute(300), ...ordinary(18)])).toEqual([]);
});

test('minutes that hardly differ do not make each other odd', () => {
  const minutes = Array.from({ length: 40 }, (_, i) => minute(i === 7 ? 4.5 : 4));
  expect(oddSpans(minutes)).toEqual([]);
});

test('odd minutes are cut out of held-out segments', () => {
  const segments = [
    { clip: 0, start: 0, end: 100 },
    { clip: 1, start: 50, end: 150 },
  ];
  const odd = [
    { clip: 0, start: 40, end: 60 },
    { clip: 1, start: 0, end: 60 },
    { clip: 1, start: 140, end: 200 },
    { clip: 2, start: 0, end: 50 },
  ];
  expect(segmentsWithout(segments, odd, 10)).toEqual([
    { clip: 0, start: 0, end: 40 },
    { clip: 0, start: 60, end: 100 },
    { clip: 1, start: 60, end: 140 },
  ]);
  expect(segmentsWithout(segments, [{ clip: 0, start: 5, end: 95 }], 10)).toEqual([segments[1]]);
});

test('of each second the highest score is kept, and none in the warm-up', () => {
  const peaks = secondPeaks([1, 5, 2, -3, -1], { warmUp: 5, fps: 2 });
  expect([...peaks]).toEqual([Number.NaN, Number.NaN, 1, 5, -1]);
});

test('what overlaps a span that was confirmed is confirmed, at the times of its clip', () => {
  const from = Date.UTC(2026, 0, 2);
  const clips = [
    { from, fps: 10 },
    { from: from + 600_000, fps: 10 },
  ];
  const confirmed = [{ from: from + 660_000, to: from + 720_000 }];
  const span = { start: 600, end: 1200 };
  expect(isConfirmed({ clip: 1, ...span }, clips, confirmed)).toBe(true);
  expect(isConfirmed({ clip: 1, start: 0, end: 600 }, clips, confirmed)).toBe(false);
  expect(isConfirmed({ clip: 0, ...span }, clips, confirmed)).toBe(false);
});
