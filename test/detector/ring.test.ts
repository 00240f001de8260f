import { expect, test } from 'vitest';
import { Ring } from '../../src/detector/ring.ts';

test('holds the newest items, and never more than its memory', () => {
  const ring = new Ring(new Uint8Array(6), 2);
  expect([ring.length, ring.size, ring.bytes]).toEqual([0, 2, 6]);
  expect(() => ring.at(0)).toThrow(RangeError);
  for (let i = 0; i < 5; i++) {
    ring.push(Uint8Array.of(i, 10 * i));
    expect(ring.length).toBe(Math.min(i + 1, 3));
  }
  expect([0, 1, 2].map((age) => [...ring.at(age)])).toEqual([
    [4, 40],
    [3, 30],
    [2, 20],
  ]);
  expect(() => ring.at(3)).toThrow(RangeError);
  expect(() => ring.at(-1)).toThrow(RangeError);
});

test('an item is a copy, and one of another size is refused', () => {
  const ring = new Ring(new Float32Array(4), 2);
  const item = Float32Array.of(1, 2);
  ring.push(item);
  item[0] = 9;
  expect([...ring.at(0)]).toEqual([1, 2]);
  expect(() => ring.push(Float32Array.of(1))).toThrow('1 elements where an item has 2');
  expect(ring.length).toBe(1);
});
