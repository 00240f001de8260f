import { expect, test } from 'vitest';
import {
  edgeCorrelation,
  isShifted,
  lookOf,
  scenePicture,
} from '../../../src/scoring/scene/look.ts';
import { noise } from '../../video/footage.ts';

const { width, height } = scenePicture;

/** A fence whose boards differ, as a camera that was pushed to the side sees it. */
function fence(shift: number) {
  const boards = noise({ width: 200, height: 1 }, 3);
  const at = (x: number) => (x % 8 < 4 ? 60 : 160) + (boards[x]! % 50);
  const picture = Float32Array.from(
    { length: width * height },
    (_, i) => at((i % width) + 20 + shift) + (Math.floor(i / width) > 20 ? 30 : 0),
  );
  return lookOf(picture);
}

test('a view that correlates far better when it is shifted was pushed; one that hardly does was not', () => {
  const [before, after] = [fence(0), fence(5)];
  expect(edgeCorrelation(before, after, -5, 0)).toBeGreaterThan(0.95);
  for (const unshifted of [0.3, 0.45, 0.6]) expect(isShifted(before, after, unshifted)).toBe(true);
  expect(isShifted(before, after, 0.8)).toBe(false);
});
