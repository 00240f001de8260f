import { expect, test } from 'vitest';
import { Stretch } from '../../../src/service/camera/stretch.ts';

test('a stretch has one number until its decoder or its owner breaks it, and no number comes again', () => {
  const stretch = new Stretch();
  const numbers = [7, 7, 8, 8].map((stamp) => stretch.of(stamp));
  stretch.end();
  numbers.push(stretch.of(8), stretch.of(8), stretch.of(1));
  expect(numbers).toEqual([1, 1, 2, 2, 3, 3, 4]);
});
