import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readMatlabVariable } from '../../../src/datasets/import/matlab.ts';
import { matlabBytes, matlabCells, matlabDoubles, matlabFile } from './formats.ts';

const file = [
  matlabDoubles([1, 2], [0.5, -3], 'thing'),
  matlabCells(
    [1, 3],
    [
      matlabBytes([2, 3], Uint8Array.of(1, 2, 3, 4, 5, 6)),
      matlabBytes([1, 2], Uint8Array.of(7, 8)),
      matlabDoubles([1, 1], [9.25]),
    ],
    'volLabel',
  ),
];

test.each([true, false])('cells and numbers, compressed: %s', (compressed) => {
  const bytes = matlabFile(file, compressed);
  expect(readMatlabVariable(bytes, 'thing')).toEqual({
    kind: 'numeric',
    dimensions: [1, 2],
    data: Float64Array.of(0.5, -3),
  });
  const cells = readMatlabVariable(bytes, 'volLabel');
  expect(cells.dimensions).toEqual([1, 3]);
  expect(cells.kind === 'cell' && cells.cells.map((cell) => cell.dimensions)).toEqual([
    [2, 3],
    [1, 2],
    [1, 1],
  ]);
  const data =
    cells.kind === 'cell' &&
    cells.cells.map((cell) => cell.kind === 'numeric' && [...Array.from(cell.data)]);
  expect(data).toEqual([[1, 2, 3, 4, 5, 6], [7, 8], [9.25]]);
});

test('says what is wrong', () => {
  const bytes = matlabFile(file, false);
  expect(() => readMatlabVariable(bytes, 'y')).toThrow(/no variable y, only thing, volLabel/);
  expect(() => readMatlabVariable(Buffer.from('MATLAB 7.3'), 'x')).toThrow(
    /not a little-endian MATLAB 5/,
  );
  expect(() => readMatlabVariable(bytes.subarray(0, 300), 'volLabel')).toThrow(/cut off/);
  const few = matlabFile([matlabBytes([2, 2], Uint8Array.of(1, 2, 3), 'x')]);
  expect(() => readMatlabVariable(few, 'x')).toThrow(/3 of 4 numbers/);
});

test('a few bytes that unpack to very many are refused', () => {
  const bomb = deflateSync(Buffer.alloc(100_001));
  const head = Buffer.alloc(8);
  head.writeUInt32LE(15);
  head.writeUInt32LE(bomb.length, 4);
  const bytes = Buffer.concat([matlabFile([]), head, bomb]);
  expect(() => readMatlabVariable(bytes, 'volLabel', 100_000)).toThrow(
    'unpacks to more than 100000 bytes',
  );
});
