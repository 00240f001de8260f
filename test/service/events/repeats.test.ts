import { expect, test } from 'vitest';
import { foldRepeats, type SignedEvent } from '../../../src/service/events/repeats.ts';
import { inventedAnomaly } from '../mqtt/invented.ts';

const MINUTE = 60_000;

/** An event some minutes back, at a place, as it looks. */
const at = (minutes: number, x: number, features: number[], change = {}): SignedEvent => ({
  event: inventedAnomaly({ id: `e${minutes}`, start: 1e12 - minutes * MINUTE, ...change }),
  signatures: features.length ? [{ x, y: 0.5, features, score: 9 }] : [],
});

test('events that look alike at one place are one row that tells how often they come', () => {
  const groups = foldRepeats(
    [
      at(0, 0.2, [1, 0]),
      at(5, 0.8, [1, 0]),
      at(6, 0.2, [1, 0.01]),
      at(12, 0.21, [1, 0]),
      at(18, 0.2, [0, 1]),
      at(19, 0.2, [1, 0]),
    ],
    () => 1,
  );
  expect(groups.map(({ events, every }) => [events, every])).toEqual([
    [['e0', 'e6', 'e12', 'e19'], 6 * MINUTE],
    [['e5'], null],
    [['e18'], null],
  ]);
  expect(groups[0]!.since).toBe(1e12 - 19 * MINUTE);
});

test('without signatures the cause and the place decide, and hours apart nothing repeats', () => {
  const there = { regions: [{ x: 0, y: 0, width: 100, height: 100, score: 1 }] };
  const elsewhere = { regions: [{ x: 300, y: 0, width: 100, height: 100, score: 1 }] };
  const groups = foldRepeats(
    [
      at(0, 0, [], there),
      at(10, 0, [], elsewhere),
      at(20, 0, [], { ...there, cause: 'motion' }),
      at(30, 0, [], there),
      at(300, 0, [], there),
    ],
    () => 1,
  );
  expect(groups.map(({ events }) => events)).toEqual([['e0', 'e30'], ['e10'], ['e20'], ['e300']]);
});

test('of another camera, or much odder than the one before, is another row', () => {
  const odder = {
    ...at(4, 0.2, [1, 0]),
    signatures: [{ x: 0.2, y: 0.5, features: [1, 0], score: 20 }],
  };
  const groups = foldRepeats(
    [odder, at(5, 0.2, [1, 0]), at(6, 0.2, [1, 0], { camera: 'gate' })],
    () => 1,
  );
  expect(groups.map(({ events }) => events)).toEqual([['e4'], ['e5'], ['e6']]);
});
