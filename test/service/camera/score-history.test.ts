import { expect, test } from 'vitest';
import { ScoreHistory } from '../../../src/service/camera/score-history.ts';
import { scoreSeries } from '../../../src/service/camera/score-series.ts';
import { type ScoredStretch, StoreFull } from '../../../src/service/parts.ts';

function history() {
  const written: ScoredStretch[] = [];
  const state = { full: false };
  const scores = new ScoreHistory('yard', {
    addScores(_camera, stretch) {
      if (state.full) throw new StoreFull('full');
      written.push(stretch);
    },
  });
  return { scores, written, state };
}

test('the highest score of each second is written; the second under way stays', () => {
  const { scores, written } = history();
  scores.push(10_100, 1);
  scores.push(10_900, 3);
  scores.push(12_000, 2);
  expect(scores.flush(false)).toBe(true);
  expect(written).toEqual([{ from: 10_000, peaks: Float32Array.of(3, Number.NaN) }]);
  scores.push(12_500, 5);
  scores.flush();
  expect(written.at(-1)).toEqual({ from: 12_000, peaks: Float32Array.of(5) });
});

test('on a full disk they wait, an hour at most', () => {
  const { scores, written, state } = history();
  state.full = true;
  for (let second = 0; second < 4000; second++) scores.push(second * 1000, second);
  expect(scores.flush()).toBe(false);
  state.full = false;
  expect(scores.flush()).toBe(true);
  expect(written[0]!.from).toBe(400_000);
  expect(written[0]!.peaks).toHaveLength(3600);
});

test('a clock that is set back begins anew', () => {
  const { scores, written } = history();
  scores.push(100_000, 1);
  scores.push(50_000, 2);
  scores.flush();
  expect(written.map(({ from }) => from)).toEqual([100_000, 50_000]);
});

test('a series has the highest score of each step, null where there is none', () => {
  const stretch = { from: 2000, peaks: Float32Array.of(1, 4, Number.NaN, 2) };
  expect(scoreSeries([stretch], 0, 10_000, 5)).toEqual({
    step: 2000,
    from: 0,
    scores: [null, 4, 2, null, null],
  });
});
