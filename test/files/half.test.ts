import fc from 'fast-check';
import { expect, test } from 'vitest';
import { halfToNumber, numberToHalf } from '../../src/files/half.ts';

/** Every number of half precision, as this Node reads it. */
const all = new Float16Array(Uint16Array.from({ length: 2 ** 16 }, (_, i) => i).buffer);

test('every half is read as it is, and written as it was', () => {
  for (const [half, value] of all.entries()) {
    const read = halfToNumber(half);
    if (!Object.is(read, value)) expect.fail(`${half}: ${read}, not ${value}`);
    const written = numberToHalf(value);
    if (!Number.isNaN(value) && written !== half) expect.fail(`${value}: ${written}, not ${half}`);
  }
  expect(Number.isNaN(halfToNumber(numberToHalf(Number.NaN)))).toBe(true);
});

test('any number is written as the nearest half', () => {
  const near = fc.integer({ min: 0, max: 0x7bff }).chain((half) => {
    // Between a half and the next, ties among them.
    const [low, high] = [halfToNumber(half), halfToNumber(Math.min(0x7bff, half + 1))];
    return fc.constantFrom(0.25, 0.5, 0.5 + 2 ** -9, 0.75).map((at) => low + at * (high - low));
  });
  fc.assert(
    fc.property(fc.oneof(near, fc.float()), (value) => {
      const expected = new Float16Array([Math.fround(value)])[0]!;
      expect(halfToNumber(numberToHalf(value))).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});
