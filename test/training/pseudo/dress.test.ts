import { expect, test } from 'vitest';
import { Random } from '../../../src/nn/random.ts';
import {
  checks,
  dressedIn,
  randomThing,
  type Thing,
  withThing,
} from '../../../src/training/pseudo/dress.ts';
import type { Sprite } from '../../../src/training/pseudo/sprite.ts';

const sprite: Sprite = {
  width: 4,
  height: 8,
  mask: new Uint8Array(32).fill(1),
  differences: new Int16Array(32).fill(7),
};
const thing: Thing = {
  width: 6,
  height: 6,
  aside: 6,
  lift: 0,
  round: false,
  empty: 0,
  brightness: -50,
};

/** Places that have a difference, as the columns and rows of their outermost ones. */
function extent({ width, differences }: Sprite, difference: number) {
  const places = [...differences.keys()].filter((i) => differences[i] === difference);
  const columns = places.map((place) => place % width);
  const rows = places.map((place) => Math.floor(place / width));
  return {
    left: Math.min(...columns),
    right: Math.max(...columns),
    top: Math.min(...rows),
    bottom: Math.max(...rows),
    count: places.length,
  };
}

test('a dress in checks covers all of the sprite and nothing else', () => {
  const half = { ...sprite, mask: sprite.mask.map((_, i) => Number(i < 16)) };
  const { differences, mask } = dressedIn(half, checks(new Random('checks')));
  expect(mask).toEqual(half.mask);
  expect(new Set(differences.subarray(0, 16)).size).toBe(2);
  expect(new Set(differences.subarray(16))).toEqual(new Set([0]));
});

test('a thing stands beside the sprite, on a canvas that keeps his middle and his feet', () => {
  const both = withThing(sprite, thing);
  const own = extent(both, 7);
  const its = extent(both, -50);
  expect(own.left + own.right + 1).toBe(both.width);
  expect(own.bottom).toBe(both.height - 1);
  expect(its.bottom).toBe(both.height - 1);
  expect(its.count).toBe(36);
  expect(its.right - its.left).toBe(5);
  // Its middle is six pixels to the right of his.
  expect((its.left + its.right) / 2 - (own.left + own.right) / 2).toBe(6);
  // One pixel of the two overlaps.
  expect(own.count).toBe(32);
});

test('a thing that is higher than he is makes the canvas higher', () => {
  const both = withThing(sprite, { ...thing, height: 12 });
  expect(both.height).toBe(12);
  expect(extent(both, 7)).toMatchObject({ top: 4, bottom: 11, count: 32 });
});

test('of a wheel only the rim is there', () => {
  const round = { ...thing, width: 20, height: 20, aside: 30, round: true };
  const whole = extent(withThing(sprite, round), -50).count;
  const rim = extent(withThing(sprite, { ...round, empty: 0.7 }), -50).count;
  expect(whole / (Math.PI * 100)).toBeCloseTo(1, 1);
  expect(rim / whole).toBeCloseTo(1 - 0.7 ** 2, 1);
});

test('every channel has the thing', () => {
  const colour = { ...sprite, differences: new Int16Array(96).fill(7) };
  const both = withThing(colour, thing);
  const plane = both.mask.length;
  expect(both.differences).toHaveLength(3 * plane);
  expect(both.differences.subarray(2 * plane)).toEqual(both.differences.subarray(0, plane));
});

test('random things are a third to as large as he is, and differ', () => {
  const random = new Random('things');
  const things = Array.from({ length: 50 }, () => randomThing(random, 40));
  for (const { width, height } of things) {
    expect(Math.min(width, height)).toBeGreaterThanOrEqual(0.35 * 40);
    expect(Math.max(width, height)).toBeLessThanOrEqual(40);
  }
  expect(new Set(things.map(({ round, empty }) => `${round} ${empty > 0}`)).size).toBe(4);
});
