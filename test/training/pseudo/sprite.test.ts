import { expect, test } from 'vitest';
import { blobsOf } from '../../../src/training/pseudo/blobs.ts';
import { cutOut, type Placing, putSprite } from '../../../src/training/pseudo/sprite.ts';
import { BOX, EDGE, format, ground, walk } from './walks.ts';

const [picture] = walk(1) as [Uint8Array];
const [blob] = blobsOf(picture, ground, format);
const sprite = cutOut(picture, ground, blob!, format);
const asItWas: Placing = {
  x: (blob!.left + blob!.right + 1) / 2,
  bottom: blob!.bottom + 1,
  wide: 1,
  high: 1,
  mirrored: false,
  upsideDown: false,
  lying: false,
};

/** The ground with the sprite put in, and how many pixels became his. */
function put(changes: Partial<Placing>, onto = ground) {
  const result = onto.slice();
  let pixels = 0;
  putSprite(result, onto, sprite, { ...asItWas, ...changes }, format, () => {
    pixels++;
  });
  return { result, pixels };
}

const at = (result: Uint8Array, x: number, y: number) => result[y * 64 + x]!;

test('put where it was it makes the picture that it was cut out of', () => {
  const { result, pixels } = put({});
  expect(result).toEqual(picture);
  expect(pixels).toBe(blob!.pixels.length);
});

test('takes the light of the picture that it is put into', () => {
  const brighter = ground.map((value) => value + 20);
  expect(put({}, brighter).result).toEqual(picture.map((value) => value + 20));
});

test('hides what was there before', () => {
  const crowded = ground.map((value, i) => (i % 64 < 32 ? 250 : value));
  const result = crowded.slice();
  putSprite(result, ground, sprite, asItWas, format);
  for (const pixel of blob!.pixels) expect(result[pixel]).toBe(picture[pixel]);
  expect(result[0]).toBe(250);
});

test('twice as wide it covers twice as much, about its middle and above its feet', () => {
  const { result, pixels } = put({ wide: 2, high: 2 });
  expect(pixels / blob!.pixels.length).toBeCloseTo(4, 0);
  const middle = Math.floor(asItWas.x);
  expect(at(result, middle + 2, asItWas.bottom - 2 * EDGE - 2)).toBeGreaterThan(190);
  expect(at(result, middle + 2, asItWas.bottom + 1)).toBe(
    at(ground, middle + 2, asItWas.bottom + 1),
  );
});

test('mirrored its left is its right; lying it is as wide as it was high', () => {
  expect(at(picture, 6, BOX.row)).toBeLessThan(at(picture, 9, BOX.row));
  const { result: mirrored } = put({ mirrored: true });
  expect(at(mirrored, 6, BOX.row)).toBeGreaterThan(at(mirrored, 9, BOX.row));
  const { result: lying } = put({ lying: true, x: 32 });
  const row = asItWas.bottom - EDGE - 1;
  const high = [...Array(64).keys()].filter((x) => at(lying, x, row) > 150);
  expect(high).toHaveLength(BOX.height);
});

test('what would lie outside of the picture is left out', () => {
  const { result, pixels } = put({ x: 0, bottom: 4 });
  expect(pixels).toBeGreaterThan(0);
  expect(pixels).toBeLessThan(blob!.pixels.length);
  expect(result.subarray(64 * 5)).toEqual(ground.subarray(64 * 5));
});

test('every channel is cut out and put in', () => {
  const colour = { ...format, channels: 3 } as const;
  const planes = (gray: Uint8Array) =>
    Uint8Array.from([...gray, ...gray.map((v) => v >> 1), ...gray.map((v) => v >> 2)]);
  const cut = cutOut(planes(picture), planes(ground), blob!, colour);
  const result = planes(ground);
  putSprite(result, planes(ground), cut, asItWas, colour);
  expect(result).toEqual(planes(picture));
});
