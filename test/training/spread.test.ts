import { expect, test } from 'vitest';
import { spread } from '../../src/training/spread.ts';

test('some of many things are spread evenly, and few things are all there', () => {
  const things = [...Array(120).keys()];
  const some = spread(things, 7);
  const gaps = some.slice(1).map((thing, i) => thing - some[i]!);
  expect(some).toHaveLength(7);
  expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
  expect(spread(things, 1000)).toEqual(things);
});
