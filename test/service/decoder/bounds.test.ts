import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Backoff } from '../../../src/backoff.ts';
import { KeptPictures } from '../../../src/service/decoder/kept-pictures.ts';
import { Thinning } from '../../../src/video/live/thinning.ts';

test('however frames arrive, no span gets more than its share and a little', () => {
  const gaps = fc.array(fc.oneof(fc.double({ min: 0, max: 3, noNaN: true }), fc.nat(2000)), {
    maxLength: 500,
  });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 30 }), (arrivals, fps) => {
      const thinning = new Thinning(fps);
      const passed: number[] = [];
      let now = 0;
      for (const gap of arrivals) if (thinning.passes((now += gap))) passed.push(now);
      passed.forEach((from, first) => {
        for (let last = first; last < passed.length; last++)
          expect(last - first + 1).toBeLessThanOrEqual(((passed[last]! - from) / 1000) * fps + 2.5);
      });
    }),
  );
});

test('of a steady stream that trembles nothing is lost, of a faster one the share is taken', () => {
  for (const [fps, wanted, expected] of [
    [10, 10, 1000],
    [25, 10, 400],
    [5, 10, 1000],
  ] as const) {
    const thinning = new Thinning(wanted);
    let passed = 0;
    for (let at = 0; at < 1000; at++) {
      const tremble = ((at * 7919) % 17) - 8;
      if (thinning.passes((at * 1000) / fps + tremble)) passed++;
    }
    expect(Math.abs(passed - expected)).toBeLessThanOrEqual(2);
  }
});

test('waits grow to their limit, differ from each other, and begin anew', () => {
  const backoff = new Backoff(1000, 60_000);
  const waits = Array.from({ length: 40 }, () => backoff.next());
  waits.forEach((wait, at) => {
    const middle = Math.min(60_000, 1000 * 2 ** at);
    expect(wait).toBeGreaterThanOrEqual(0.75 * middle);
    expect(wait).toBeLessThanOrEqual(1.25 * middle);
  });
  expect(new Set(waits.slice(10)).size).toBeGreaterThan(10);
  backoff.reset();
  expect(backoff.next()).toBeLessThanOrEqual(1250);
});

const picture = (time: number, bytes = 10) => ({ time, jpeg: new Uint8Array(bytes) });

test('kept pictures are bounded in time and in bytes', () => {
  const kept = new KeptPictures(1000, 5000);
  for (let time = 0; time <= 3000; time += 100) kept.add(picture(time));
  expect(kept.between(0, 9999).map(({ time }) => time)).toEqual(
    Array.from({ length: 11 }, (_, at) => 2000 + 100 * at),
  );
  expect(kept.bytes).toBe(110);
  kept.add(picture(3100, 4975));
  expect(kept.between(0, 9999).map(({ time }) => time)).toEqual([2900, 3000, 3100]);
  kept.add(picture(3200, 6000));
  expect(kept.bytes).toBe(0);
  expect(kept.between(0, 9999)).toEqual([]);
});

test('the nearest picture is found, within some seconds', () => {
  const kept = new KeptPictures();
  expect(kept.nearest(0)).toBeUndefined();
  for (const time of [1000, 2000, 3000]) kept.add(picture(time));
  expect([0, 1400, 1600, 7900].map((time) => kept.nearest(time)?.time)).toEqual([
    1000, 1000, 2000, 3000,
  ]);
  expect(kept.nearest(8100)).toBeUndefined();
  // The clock was set back.
  kept.add(picture(500));
  expect(kept.between(0, 9999).map(({ time }) => time)).toEqual([500]);
});
