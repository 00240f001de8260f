import { expect, test } from 'vitest';
import { Random } from '../../../src/nn/random.ts';
import {
  type CarriedObject,
  checkerboard,
  randomCarriedObject,
  textured,
  withCarriedObject,
} from '../../../src/training/synthetic/appearance.ts';
import type { Sprite } from '../../../src/training/synthetic/sprite.ts';

const sprite: Sprite = {
  width: 4,
  height: 8,
  mask: new Uint8Array(32).fill(1),
  differences: new Int16Array(32).fill(7),
};
const object: CarriedObject = {
  width: 6,
  height: 6,
  aside: 6,
  lift: 0,
  round: false,
  hollow: 0,
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

test('a checkerboard covers the whole sprite and nothing else', () => {
  const half = { ...sprite, mask: sprite.mask.map((_, i) => Number(i < 16)) };
  const { differences, mask } = textured(half, checkerboard(new Random('checks')));
  expect(mask).toEqual(half.mask);
  expect(new Set(differences.subarray(0, 16)).size).toBe(2);
  expect(new Set(differences.subarray(16))).toEqual(new Set([0]));
});

test('a carried object extends the canvas; the sprite keeps its centre and lower edge', () => {
  const both = withCarriedObject(sprite, object);
  const own = extent(both, 7);
  const its = extent(both, -50);
  expect(own.left + own.right + 1).toBe(both.width);
  expect(own.bottom).toBe(both.height - 1);
  expect(its.bottom).toBe(both.height - 1);
  expect(its.count).toBe(36);
  expect(its.right - its.left).toBe(5);
  // Its centre is six pixels to the right of the sprite's.
  expect((its.left + its.right) / 2 - (own.left + own.right) / 2).toBe(6);
  expect(own.count).toBe(32);
});

test('an object taller than the sprite makes the canvas taller', () => {
  const both = withCarriedObject(sprite, { ...object, height: 12 });
  expect(both.height).toBe(12);
  expect(extent(both, 7)).toMatchObject({ top: 4, bottom: 11, count: 32 });
});

test('a hollow disc is only its rim', () => {
  const round = { ...object, width: 20, height: 20, aside: 30, round: true };
  const whole = extent(withCarriedObject(sprite, round), -50).count;
  const rim = extent(withCarriedObject(sprite, { ...round, hollow: 0.7 }), -50).count;
  expect(whole / (Math.PI * 100)).toBeCloseTo(1, 1);
  expect(rim / whole).toBeCloseTo(1 - 0.7 ** 2, 1);
});

test('an object is drawn in every channel', () => {
  const colour = { ...sprite, differences: new Int16Array(96).fill(7) };
  const both = withCarriedObject(colour, object);
  const plane = both.mask.length;
  expect(both.differences).toHaveLength(3 * plane);
  expect(both.differences.subarray(2 * plane)).toEqual(both.differences.subarray(0, plane));
});

test('random objects have 0.35 to 1 times the length of the person, and vary', () => {
  const random = new Random('things');
  const objects = Array.from({ length: 50 }, () => randomCarriedObject(random, 40));
  for (const { width, height } of objects) {
    expect(Math.min(width, height)).toBeGreaterThanOrEqual(0.35 * 40);
    expect(Math.max(width, height)).toBeLessThanOrEqual(40);
  }
  expect(new Set(objects.map(({ round, hollow }) => `${round} ${hollow > 0}`)).size).toBe(4);
});
