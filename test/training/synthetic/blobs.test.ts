import { expect, test } from 'vitest';
import {
  estimateBackground,
  findBlobs,
  followBlob,
} from '../../../src/training/synthetic/blobs.ts';
import { BOX, background, EDGE, format, walk } from './walks.ts';

const clip = walk(80);
const found = clip.map((frame) => findBlobs(frame, background, format));

test('the background is the median of the pictures', () => {
  expect(estimateBackground(clip)).toEqual(background);
});

test('a person is found with a margin around the outline, and followed', () => {
  expect(found[0]).toEqual([
    expect.objectContaining({
      left: 6 - EDGE,
      right: 9 + EDGE,
      top: BOX.row - EDGE,
      bottom: BOX.row + BOX.height - 1 + EDGE,
      x: 7.5,
      y: BOX.row + 3.5,
    }),
  ]);
  const track = followBlob(found, found[0]![0]!);
  expect(track).toHaveLength(80);
  expect(track.at(-1)!.x - track[0]!.x).toBeCloseTo(39, 5);
});

test('blobs that are too small or too large are ignored', () => {
  const altered = (side: number) => {
    const picture = background.slice();
    for (let y = 0; y < side; y++) picture.fill(220, y * 64, y * 64 + side);
    return findBlobs(picture, background, format);
  };
  expect(altered(1)).toEqual([]);
  expect(altered(6)).toHaveLength(1);
  expect(altered(20)).toHaveLength(1);
  expect(altered(22)).toEqual([]);
});

test('a blob is lost when it moves further than half its length', () => {
  const first = found[0]![0]!;
  const length = Math.sqrt(first.pixels.length);
  const aside = (by: number) => [[first], [{ ...first, x: first.x + by * length }]];
  expect(followBlob(aside(0.45), first)).toHaveLength(2);
  expect(followBlob(aside(0.55), first)).toHaveLength(1);
});

test('a blob that vanishes or suddenly grows is followed no further', () => {
  const first = found[0]![0]!;
  expect(followBlob([...found.slice(0, 5), []], first)).toHaveLength(5);
  const grown = { ...found[5]![0]!, pixels: new Int32Array(2 * first.pixels.length) };
  expect(followBlob([...found.slice(0, 5), [grown]], first)).toHaveLength(5);
});
