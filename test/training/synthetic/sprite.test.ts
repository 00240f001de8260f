import { expect, test } from 'vitest';
import { findBlobs } from '../../../src/training/synthetic/blobs.ts';
import { cutOut, type Placement, pasteSprite } from '../../../src/training/synthetic/sprite.ts';
import { BOX, background, EDGE, format, walk } from './walks.ts';

const [picture] = walk(1) as [Uint8Array];
const [blob] = findBlobs(picture, background, format);
const sprite = cutOut(picture, background, blob!, format);
const asItWas: Placement = {
  x: (blob!.left + blob!.right + 1) / 2,
  bottom: blob!.bottom + 1,
  scaleX: 1,
  scaleY: 1,
  mirrored: false,
  upsideDown: false,
  lying: false,
};

/** The background with the sprite pasted in, and the number of pixels covered. */
function pasted(changes: Partial<Placement>, onto = background) {
  const result = onto.slice();
  let pixels = 0;
  pasteSprite(result, onto, sprite, { ...asItWas, ...changes }, format, () => {
    pixels++;
  });
  return { result, pixels };
}

const at = (result: Uint8Array, x: number, y: number) => result[y * 64 + x]!;

test('pasted where it was cut out, it restores the picture', () => {
  const { result, pixels } = pasted({});
  expect(result).toEqual(picture);
  expect(pixels).toBe(blob!.pixels.length);
});

test('takes on the light of the picture that it is pasted into', () => {
  const brighter = background.map((value) => value + 20);
  expect(pasted({}, brighter).result).toEqual(picture.map((value) => value + 20));
});

test('hides what is behind it', () => {
  const crowded = background.map((value, i) => (i % 64 < 32 ? 250 : value));
  const result = crowded.slice();
  pasteSprite(result, background, sprite, asItWas, format);
  for (const pixel of blob!.pixels) expect(result[pixel]).toBe(picture[pixel]);
  expect(result[0]).toBe(250);
});

test('scales about its horizontal centre and above its lower edge', () => {
  const { result, pixels } = pasted({ scaleX: 2, scaleY: 2 });
  expect(pixels / blob!.pixels.length).toBeCloseTo(4, 0);
  const middle = Math.floor(asItWas.x);
  expect(at(result, middle + 2, asItWas.bottom - 2 * EDGE - 2)).toBeGreaterThan(190);
  expect(at(result, middle + 2, asItWas.bottom + 1)).toBe(
    at(background, middle + 2, asItWas.bottom + 1),
  );
});

test('mirroring swaps left and right; lying swaps width and height', () => {
  expect(at(picture, 6, BOX.row)).toBeLessThan(at(picture, 9, BOX.row));
  const { result: mirrored } = pasted({ mirrored: true });
  expect(at(mirrored, 6, BOX.row)).toBeGreaterThan(at(mirrored, 9, BOX.row));
  const { result: lying } = pasted({ lying: true, x: 32 });
  const row = asItWas.bottom - EDGE - 1;
  const high = [...Array(64).keys()].filter((x) => at(lying, x, row) > 150);
  expect(high).toHaveLength(BOX.height);
});

test('is clipped at the edges of the picture', () => {
  const { result, pixels } = pasted({ x: 0, bottom: 4 });
  expect(pixels).toBeGreaterThan(0);
  expect(pixels).toBeLessThan(blob!.pixels.length);
  expect(result.subarray(64 * 5)).toEqual(background.subarray(64 * 5));
});

test('every channel is cut out and pasted', () => {
  const colour = { ...format, channels: 3 } as const;
  const planes = (gray: Uint8Array) =>
    Uint8Array.from([...gray, ...gray.map((v) => v >> 1), ...gray.map((v) => v >> 2)]);
  const cut = cutOut(planes(picture), planes(background), blob!, colour);
  const result = planes(background);
  pasteSprite(result, planes(background), cut, asItWas, colour);
  expect(result).toEqual(planes(picture));
});
