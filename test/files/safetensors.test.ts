import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import {
  readSafetensors,
  type StoredTensor,
  writeSafetensors,
} from '../../src/files/safetensors.ts';
import { temporaryFolders } from './temporary-folder.ts';

const temporaryFolder = temporaryFolders();

test('what is written is read again, bit for bit', async () => {
  const path = join(await temporaryFolder(), 'weights.safetensors');
  const tensor = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }).chain((shape) => {
    const size = shape.reduce((product, axis) => product * axis, 1);
    const data = fc.float32Array({ minLength: size, maxLength: size });
    return data.map((data): StoredTensor => ({ shape, data }));
  });
  // The format keeps one name for metadata; and JSON has no place for lone surrogates.
  const name = fc.string().filter((name) => name !== '__metadata__' && name !== '__proto__');
  const file = fc.record({
    tensors: fc.array(fc.tuple(name, tensor), { maxLength: 4 }).map((list) => new Map(list)),
    metadata: fc.dictionary(name, fc.string(), { maxKeys: 3, noNullPrototype: true }),
  });
  await fc.assert(
    fc.asyncProperty(file, async (file) => {
      await writeSafetensors(path, file);
      const read = await readSafetensors(path);
      expect(read.metadata).toEqual(file.metadata);
      expect(new Set(read.tensors.keys())).toEqual(new Set(file.tensors.keys()));
      for (const [name, { shape, data }] of file.tensors) {
        expect(read.tensors.get(name)!.shape).toEqual(shape);
        const bytes = (x: Float32Array) => Buffer.from(x.buffer, x.byteOffset, x.byteLength);
        expect(bytes(read.tensors.get(name)!.data).equals(bytes(data))).toBe(true);
      }
    }),
    { numRuns: 40 },
  );
});

test('half precision is read as the nearest numbers, in half the bytes', async () => {
  const path = join(await temporaryFolder(), 'weights.safetensors');
  const data = Float32Array.of(0, 1, -2.5, 0.1, 1e-8, 65504);
  const tensors = new Map([['a', { shape: [6], data }]]);
  await writeSafetensors(path, { tensors, metadata: {} }, 'F16');
  const read = (await readSafetensors(path)).tensors.get('a')!;
  expect(read).toEqual({ shape: [6], data: Float32Array.from(new Float16Array(data)) });
  const bytes = await readFile(path);
  expect(bytes.length).toBe(8 + Number(bytes.readBigUInt64LE(0)) + 12);
});

test('the layout is that of the format', async () => {
  const path = join(await temporaryFolder(), 'weights.safetensors');
  const tensors = new Map([
    ['a', { shape: [2], data: Float32Array.of(1, 2) }],
    // A part of a larger array.
    ['b.c', { shape: [], data: new Float32Array([0, 3, 0]).subarray(1, 2) }],
  ]);
  await writeSafetensors(path, { tensors, metadata: { made: 'here' } });
  const bytes = await readFile(path);
  const size = Number(bytes.readBigUInt64LE(0));
  expect(size % 8).toBe(0);
  expect(JSON.parse(bytes.toString('utf8', 8, 8 + size))).toEqual({
    __metadata__: { made: 'here' },
    a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
    'b.c': { dtype: 'F32', shape: [], data_offsets: [8, 12] },
  });
  expect([0, 4, 8].map((at) => bytes.readFloatLE(8 + size + at))).toEqual([1, 2, 3]);
  expect(bytes).toHaveLength(8 + size + 12);
});

/** A file of a header and a number of zero bytes. */
function fileOf(header: unknown, data = 8): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([size, text, Buffer.alloc(data)]);
}

const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
const whole = fileOf({ w: entry });
const damages: Record<string, [Buffer, RegExp]> = {
  'no byte': [Buffer.alloc(0), /shorter than its header/],
  'fewer bytes than the size takes': [whole.subarray(0, 7), /shorter than its header/],
  'cut short in the header': [whole.subarray(0, 20), /shorter than its header/],
  'cut short in the numbers': [whole.subarray(0, -1), /cut short in 'w'/],
  'a text file': [Buffer.from('this is no file of tensors\n'), /shorter than its header/],
  'a header of an impossible size': [Buffer.alloc(64, 0xff), /shorter than its header/],
  'a header that is not valid JSON': [fileOf('{"w": '), /its header is not JSON/],
  'a header that is null': [fileOf('null'), /its header is not an object/],
  'a header that is a number': [fileOf('7'), /its header is not an object/],
  'an entry that is null': [fileOf({ w: null }), /the header's entry 'w'/],
  'an entry without a shape': [fileOf({ w: { ...entry, shape: undefined } }), /entry 'w'/],
  'a negative size': [fileOf({ w: { ...entry, shape: [-2] } }), /entry 'w'/],
  'a size that is no whole number': [fileOf({ w: { ...entry, shape: [0.5, 4] } }), /entry 'w'/],
  'an offset missing': [fileOf({ w: { ...entry, data_offsets: [0] } }), /entry 'w'/],
  'a negative offset': [fileOf({ w: { ...entry, data_offsets: [-8, 0] } }), /entry 'w'/],
  'another element type': [fileOf({ w: { ...entry, dtype: 'F64' } }), /'w' is F64, not F32 or F16/],
  'other sizes than the offsets': [fileOf({ w: { ...entry, shape: [3] } }), /'w' has other sizes/],
  'offsets the wrong way round': [fileOf({ w: { ...entry, data_offsets: [8, 0] } }), /other sizes/],
};

describe('damage is named in one line', () => {
  test('the undamaged file is read', async () => {
    const path = join(await temporaryFolder(), 'w.safetensors');
    await writeFile(path, whole);
    expect((await readSafetensors(path)).tensors.get('w')!.data).toEqual(new Float32Array(2));
  });

  test.each(Object.entries(damages))('%s', async (_, [bytes, what]) => {
    const path = join(await temporaryFolder(), 'w.safetensors');
    await writeFile(path, bytes);
    const error: unknown = await readSafetensors(path).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(UserError);
    const { message } = error as Error;
    expect(message).toMatch(what);
    expect(message).toContain(`${path}: is not a complete safetensors file (`);
    expect(message).toMatch(/; use an undamaged copy$/);
    expect(message).not.toContain('\n');
  });

  test('a file that is missing', async () => {
    const path = join(await temporaryFolder(), 'none.safetensors');
    await expect(readSafetensors(path)).rejects.toThrow(new UserError(`${path}: is missing`));
  });
});
