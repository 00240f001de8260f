import { expect, test } from 'vitest';
import { readNpy } from '../../../src/datasets/import/npy.ts';
import { npy } from './formats.ts';

const values = [0, 1, 1, 0, 1, 0];

test.each([
  ['|b1', Buffer.from(Uint8Array.from(values).buffer)],
  ['|u1', Buffer.from(Uint8Array.from(values).buffer)],
  ['|i1', Buffer.from(Int8Array.from(values).buffer)],
  ['<i4', Buffer.from(Int32Array.from(values).buffer)],
  ['<i8', Buffer.from(BigInt64Array.from(values.map(BigInt)).buffer)],
  ['<f8', Buffer.from(Float64Array.from(values).buffer)],
])('numbers of type %s, in both versions', (descr, data) => {
  for (const version of [1, 2]) {
    const array = readNpy(npy(descr, [3, 2], data, version));
    expect(array.shape).toEqual([3, 2]);
    expect(Array.from(array.data, Number)).toEqual(values);
  }
  expect(readNpy(npy(descr, [6], data)).shape).toEqual([6]);
});

test('says what is wrong', () => {
  const data = Buffer.from(values);
  expect(() => readNpy(Buffer.from('no such thing'))).toThrow(/no NumPy file/);
  expect(() => readNpy(npy('|u1', [7], data))).toThrow(/cut off/);
  expect(() => readNpy(npy('>i4', [1], data))).toThrow(/>i4/);
  expect(() => readNpy(npy('|O8', [1], data))).toThrow(/O8/);
  expect(() => readNpy(npy('|u1', [3, 2], data, 1, 'True'))).toThrow(/Fortran/);
});
