import { expect, test } from 'vitest';
import { background, blobsOf, follow } from '../../../src/training/pseudo/blobs.ts';
import { BOX, EDGE, format, ground, walk } from './walks.ts';

const clip = walk(80);
const found = clip.map((frame) => blobsOf(frame, ground, format));

test('the background is what is there when nobody is', () => {
  expect(background(clip)).toEqual(ground);
});

test('somebody is found with the edge of his outline, and followed', () => {
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
  const track = follow(found, found[0]![0]!);
  expect(track).toHaveLength(80);
  expect(track.at(-1)!.x - track[0]!.x).toBeCloseTo(39, 5);
});

test('what is too small or too large is nobody', () => {
  const altered = (side: number) => {
    const picture = ground.slice();
    for (let y = 0; y < side; y++) picture.fill(220, y * 64, y * 64 + side);
    return blobsOf(picture, ground, format);
  };
  expect(altered(1)).toEqual([]);
  expect(altered(6)).toHaveLength(1);
  expect(altered(20)).toHaveLength(1);
  expect(altered(22)).toEqual([]);
});

test('who is far from where he was is somebody else, by his own size', () => {
  const first = found[0]![0]!;
  const length = Math.sqrt(first.pixels.length);
  const aside = (by: number) => [[first], [{ ...first, x: first.x + by * length }]];
  expect(follow(aside(0.45), first)).toHaveLength(2);
  expect(follow(aside(0.55), first)).toHaveLength(1);
});

test('who vanishes or grows at once is followed no further', () => {
  const first = found[0]![0]!;
  expect(follow([...found.slice(0, 5), []], first)).toHaveLength(5);
  const grown = { ...found[5]![0]!, pixels: new Int32Array(2 * first.pixels.length) };
  expect(follow([...found.slice(0, 5), [grown]], first)).toHaveLength(5);
});
