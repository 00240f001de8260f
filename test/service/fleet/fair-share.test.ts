import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fairShare, type Taker } from '../../../src/service/fleet/fair-share.ts';

const taker = (id: string, capacity: number, most: number | null = null): Taker => ({
  id,
  capacity,
  most,
});

test('is in proportion to what each can score', () => {
  const takers = [taker('a', 100), taker('b', 50), taker('c', 50)];
  expect(takers.map(({ id }) => fairShare(24, takers, id).most)).toEqual([12, 6, 6]);
  expect(fairShare(24, takers, 'nobody')).toEqual({ least: 0, most: 0 });
});

test('of one that takes few goes to the others', () => {
  const takers = [taker('a', 100, 2), taker('b', 50), taker('c', 50)];
  expect(takers.map(({ id }) => fairShare(24, takers, id).most)).toEqual([2, 11, 11]);
});

test('leaves no camera that somebody may take, and gives nobody more than it takes', () => {
  const takers = fc.array(
    fc.record({
      capacity: fc.double({ min: 0, max: 1000, noNaN: true }),
      most: fc.option(fc.integer({ min: 1, max: 30 })),
    }),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200 }), takers, (cameras, some) => {
      const all = some.map((one, i) => ({ ...one, id: String(i) }));
      const shares = all.map(({ id }) => fairShare(cameras, all, id));
      const room = all.reduce((sum, { most }) => sum + (most ?? cameras), 0);
      const sum = (of: 'least' | 'most') => shares.reduce((total, share) => total + share[of], 0);
      expect(sum('least')).toBeLessThanOrEqual(cameras);
      expect(sum('most')).toBeGreaterThanOrEqual(Math.min(cameras, room));
      for (const [i, { most }] of all.entries())
        expect(shares[i]!.most).toBeLessThanOrEqual(most ?? cameras);
    }),
  );
});
