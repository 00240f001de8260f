import { expect, test } from 'vitest';
import { untilKept } from '../../../src/service/decoder/kept-pictures.ts';

test('a clip waits for its last picture, and no hours for a clock that was set back', () => {
  expect(untilKept(20_000, 10_000)).toBe(10_300);
  expect(untilKept(10_000, 20_000)).toBe(0);
  expect(untilKept(7_200_000, 0)).toBeLessThan(100_000);
});
