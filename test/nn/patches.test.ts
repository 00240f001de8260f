import fc from 'fast-check';
import { expect, test } from 'vitest';
import { add, Graph, reshape, type Shape, transpose, type Value } from '../../src/graph/index.ts';
import {
  mergeTokens,
  patchify,
  patchifyGrid,
  splitTokens,
  unpatchify,
} from '../../src/nn/patches.ts';
import { evaluate } from '../graph/evaluate.ts';

/** What a function makes of 0, 1, 2, … in a shape. */
async function counted(shape: Shape, build: (x: Value) => Value) {
  const x = new Graph().input('x', shape);
  const size = shape.reduce((product, axis) => product * axis, 1);
  const data = Float32Array.from({ length: size }, (_, i) => i);
  // A layout may be the input itself.
  const { y } = await evaluate({ y: add(build(x), 0) }, { x: { shape, data } });
  return { shape: y!.shape, data: [...y!.data], input: [...data] };
}

test('patches lie row by row, the pixels of each channel together', async () => {
  const { shape, data } = await counted([1, 2, 4, 4], (x) => patchify(x, 2));
  expect(shape).toEqual([1, 4, 8]);
  expect(data.slice(0, 8)).toEqual([0, 1, 4, 5, 16, 17, 20, 21]);
  expect(data.slice(8, 12)).toEqual([2, 3, 6, 7]);
  expect(data.slice(16, 20)).toEqual([8, 9, 12, 13]);
});

test('neighbouring tokens are merged row by row', async () => {
  const { shape, data } = await counted([1, 8, 1], (x) => mergeTokens(x, 2, 4, 2));
  expect(shape).toEqual([1, 2, 4]);
  expect(data).toEqual([0, 1, 4, 5, 2, 3, 6, 7]);
});

test('pictures cut into patches and put together are the pictures', async () => {
  const size = fc.integer({ min: 1, max: 3 });
  const picture = fc.record({
    batch: size,
    channels: size,
    rows: size,
    columns: size,
    patch: size,
  });
  await fc.assert(
    fc.asyncProperty(picture, async ({ batch, channels, rows, columns, patch }) => {
      const shape = [batch, channels, rows * patch, columns * patch];
      const result = await counted(shape, (x) => {
        const patches = patchify(x, patch); // [B, rows * columns, C * p * p]
        const wide = channels * patch * patch;
        return unpatchify(
          reshape(transpose(patches, [0, 2, 1]), [batch, wide, rows, columns]),
          patch,
        );
      });
      expect(result.shape).toEqual(shape);
      expect(result.data).toEqual(result.input);
      const onGrid = await counted(shape, (x) => unpatchify(patchifyGrid(x, patch), patch));
      expect(onGrid).toEqual(result);
    }),
    { numRuns: 25 },
  );
});

test('tokens merged and split are the tokens, in patches of the larger grid', async () => {
  const size = fc.integer({ min: 1, max: 3 });
  const grid = fc.record({ batch: size, channels: size, rows: size, columns: size, factor: size });
  await fc.assert(
    fc.asyncProperty(grid, async ({ batch, channels, rows, columns, factor }) => {
      const [height, width] = [rows * factor, columns * factor];
      const shape = [batch, height * width, channels];
      const result = await counted(shape, (x) =>
        splitTokens(mergeTokens(x, height, width, factor), rows, columns, factor),
      );
      expect(result.shape).toEqual(shape);
      expect(result.data).toEqual(result.input);
    }),
    { numRuns: 25 },
  );
});

test('a picture that does not divide into patches is refused as the graph is built', () => {
  const x = new Graph().input('x', [1, 1, 5, 4]);
  expect(() => patchify(x, 2)).toThrow(/reshape\(float32\[1,1,5,4\]\): .*2\.5.* is not a shape/);
});
