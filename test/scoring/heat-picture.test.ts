import { expect, test } from 'vitest';
import { heatPicture } from '../../src/scoring/heat-picture.ts';

const grid = { width: 8, height: 4 };

/** A byte in one cell, nothing in the others. */
function levelsWith(cell: number, level: number): Uint8Array {
  const levels = new Uint8Array(32);
  levels[cell] = level;
  return levels;
}

const alphas = ({ rgba }: ReturnType<typeof heatPicture>) =>
  Array.from({ length: rgba.length / 4 }, (_, at) => rgba[4 * at + 3]!);

test('a region is outlined, and a third opaque at most', () => {
  const picture = heatPicture(levelsWith(11, 255), grid, 160);
  expect([picture.width, picture.height]).toEqual([160, 80]);
  const all = alphas(picture);
  expect(Math.max(...all.filter((alpha) => alpha < 255))).toBeLessThanOrEqual(85);
  const outline = all.filter((alpha) => alpha === 255).length;
  expect(outline).toBeGreaterThan(20);
  expect(outline).toBeLessThan(0.02 * all.length);
  // Its middle is seen through.
  const middle = 30 * 160 + 70;
  expect(all[middle]).toBeGreaterThan(60);
  expect(all[middle]).toBeLessThanOrEqual(85);
});

test('what is ordinary is clear, and an event is outlined all the same', () => {
  expect(Math.max(...alphas(heatPicture(levelsWith(11, 50), grid, 160)))).toBe(0);
  expect(alphas(heatPicture(levelsWith(11, 100), grid, 160))).not.toContain(255);
  expect(alphas(heatPicture(levelsWith(11, 50), grid, 160, { always: true }))).toContain(255);
  expect(Math.max(...alphas(heatPicture(new Uint8Array(32), grid, 160, { always: true })))).toBe(0);
});

test('a region at the edge of the picture is open there', () => {
  const levels = new Uint8Array(32).fill(255);
  expect(alphas(heatPicture(levels, grid, 80))).not.toContain(255);
});
