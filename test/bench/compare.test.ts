import { expect, test } from 'vitest';
import { compareRuns } from '../../src/bench/compare.ts';

test('the ratio is of the medians, its spread over all pairs of runs', () => {
  const runs = (...values: number[]) =>
    values.map((rate) => ({ preset: 'tiny', rate, cameras: [] }));
  expect(compareRuns(runs(8, 10, 20), runs(20, 30, 40))).toEqual([
    { figure: 'rate', before: 10, now: 30, ratio: 3, lowest: 1, highest: 5 },
  ]);
});

test('what one of them lacks, or what is no number, is left out', () => {
  expect(
    compareRuns([{ a: 1, b: 'x' }], [{ a: 2, b: 'y', c: 3 }]).map(({ figure }) => figure),
  ).toEqual(['a']);
  expect(compareRuns([{ a: 0 }], [{ a: 2 }])).toEqual([]);
});
