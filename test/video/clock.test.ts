import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frameClock } from '../../src/video/clock.ts';

function times(fps: number, given: readonly (number | undefined)[]): number[] {
  const clock = frameClock(fps);
  return given.map((seconds) => clock(seconds).time);
}

test('times that rise are taken, from zero', () => {
  expect(times(10, [5, 5.1, 5.3, 5.35])).toEqual(
    [0, 0.1, 0.3, 0.35].map((t) => expect.closeTo(t, 9)),
  );
});

test('without times, frames are counted', () => {
  expect(times(4, [undefined, undefined, undefined])).toEqual([0, 0.25, 0.5]);
});

test('a clock that is set counts as one frame, and is followed from there', () => {
  expect(times(10, [7, 7.1, 90000, 90000.1, 3, 3.1])).toEqual(
    [0, 0.1, 0.2, 0.3, 0.4, 0.5].map((t) => expect.closeTo(t, 6)),
  );
});

test('a pause of a few seconds is kept', () => {
  expect(times(10, [0, 4, 4.1])).toEqual([0, 4, expect.closeTo(4.1, 9)]);
});

test('time always rises, whatever is given', () => {
  const any = fc.option(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { nil: undefined });
  fc.assert(
    fc.property(fc.array(any, { minLength: 2 }), fc.integer({ min: 1, max: 60 }), (given, fps) => {
      const out = times(fps, given);
      expect(out[0]).toBe(0);
      for (let i = 1; i < out.length; i++) expect(out[i]).toBeGreaterThan(out[i - 1]!);
    }),
  );
});
