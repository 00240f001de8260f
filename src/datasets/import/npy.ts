import { type Numbers, type NumbersType, numbersIn } from './numbers.ts';

/** An array of a NumPy file, in C order: the last dimension runs fastest. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Numbers;
}

const types = new Map<string, NumbersType>([
  ['b1', Uint8Array],
  ['u1', Uint8Array],
  ['i1', Int8Array],
  ['u2', Uint16Array],
  ['i2', Int16Array],
  ['u4', Uint32Array],
  ['i4', Int32Array],
  ['u8', BigUint64Array],
  ['i8', BigInt64Array],
  ['f4', Float32Array],
  ['f8', Float64Array],
]);

/**
 * Reads a NumPy file (format versions 1 to 3; NEP 1): booleans, integers or floats,
 * little-endian, in C order.
 * @throws Error saying what is wrong with the file
 */
export function readNpy(file: Buffer): NpyArray {
  if (file.length < 12 || file.toString('latin1', 0, 6) !== '\x93NUMPY') {
    throw new Error('it is no NumPy file');
  }
  const long = file[6]! > 1;
  const start = long ? 12 : 10;
  const end = start + (long ? file.readUInt32LE(8) : file.readUInt16LE(8));
  const header = file.toString('latin1', start, end);
  const descr = /'descr':\s*'([<|>=])(\w+)'/.exec(header);
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (!descr || !order || shape === undefined) throw new Error(`its header is ${header.trim()}`);
  const type = types.get(descr[2]!);
  if (!type || descr[1] === '>')
    throw new Error(`numbers of type ${descr[1]}${descr[2]} are not read`);
  if (order === 'True') throw new Error('it is in Fortran order, which is not read');
  const sizes = shape.split(',').map((part) => part.trim());
  const dimensions = sizes.filter((part) => part !== '').map(Number);
  const count = dimensions.reduce((product, dimension) => product * dimension, 1);
  const length = count * type.BYTES_PER_ELEMENT;
  if (end + length > file.length) throw new Error('it is cut off');
  return { shape: dimensions, data: numbersIn(file.subarray(end, end + length), type, count) };
}
