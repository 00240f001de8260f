import { describe, expect, test } from 'vitest';
import { heatBytes } from '../../dashboard/src/scores/heat.ts';
import { scoreRange } from '../../dashboard/src/scores/range.ts';
import { ScoreRing } from '../../dashboard/src/scores/ring.ts';
import { columnsOf, withLive } from '../../dashboard/src/scores/series.ts';

const scoresOf = (ring: ScoreRing, since = 0) => {
  const all: [number, number][] = [];
  ring.forEach(since, (time, score) => all.push([time, score]));
  return all;
};

describe('a ring of scores', () => {
  test('keeps the latest, the oldest first', () => {
    const ring = new ScoreRing(3);
    for (const time of [1, 2, 3, 4, 5]) ring.push(time, time / 2);
    expect(scoresOf(ring)).toEqual([
      [3, 1.5],
      [4, 2],
      [5, 2.5],
    ]);
    expect(scoresOf(ring, 5)).toEqual([[5, 2.5]]);
  });

  test('leaves out what is not later than the last', () => {
    const ring = new ScoreRing(3);
    for (const time of [5, 4, 5, 6]) ring.push(time, 1);
    expect(scoresOf(ring).map(([time]) => time)).toEqual([5, 6]);
  });

  test('begins anew when the clock was set back', () => {
    const ring = new ScoreRing(3);
    for (const time of [90_000, 91_000, 60_000, 61_000]) ring.push(time, 1);
    expect(scoresOf(ring).map(([time]) => time)).toEqual([60_000, 61_000]);
  });

  test('takes older ones in front', () => {
    const ring = new ScoreRing(4);
    ring.push(10, 1);
    ring.push(11, 1);
    ring.putBefore([1, 8, 9, 10.5, 12].map((time) => [time, 2]));
    expect(scoresOf(ring).map(([time]) => time)).toEqual([8, 9, 10, 11]);
    expect(ring.length).toBe(4);
  });
});

describe('a series of scores', () => {
  const series = { step: 1000, from: 10_000, scores: [1, null, 2], threshold: 3 };

  test('becomes columns in seconds', () => {
    expect(columnsOf(series)).toEqual([
      [10, 11, 12],
      [1, null, 2],
    ]);
  });

  test('keeps the highest of a span', () => {
    expect(withLive(series, 12_900, 5).scores).toEqual([1, null, 5]);
    expect(withLive(series, 12_900, 1.5).scores).toEqual([1, null, 2]);
    expect(withLive(series, 11_000, 4).scores).toEqual([1, 4, 2]);
  });

  test('moves on, with gaps where nothing came', () => {
    expect(withLive(series, 13_000, 4)).toEqual({ ...series, from: 11_000, scores: [null, 2, 4] });
    expect(withLive(series, 14_000, 4)).toEqual({ ...series, from: 12_000, scores: [2, null, 4] });
    expect(withLive(series, 99_000, 4)).toEqual({
      ...series,
      from: 97_000,
      scores: [null, null, 4],
    });
    expect(withLive(series, 9000, 4)).toBe(series);
  });
});

test('the score axis holds the threshold, the peaks, and what is below nothing', () => {
  expect(scoreRange([], 4)).toEqual([0, 6]);
  expect(scoreRange([null, 1, Number.NaN], null)).toEqual([0, 1.08]);
  expect(scoreRange([-2, 100], 4)).toEqual([-2, 108]);
});

test('the bytes of a heatmap come as base64', () => {
  expect([...heatBytes('AAH/')]).toEqual([0, 1, 255]);
});
