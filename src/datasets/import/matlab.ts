import { inflateSync } from 'node:zlib';
import { type Numbers, type NumbersType, numbersIn } from './numbers.ts';

/** An array of numbers of a MATLAB file, column by column as MATLAB keeps it. */
export interface NumericArray {
  readonly kind: 'numeric';
  readonly dimensions: readonly number[];
  readonly data: Numbers;
}

/** A cell array, column by column. */
export interface CellArray {
  readonly kind: 'cell';
  readonly dimensions: readonly number[];
  readonly cells: readonly MatlabArray[];
}

export type MatlabArray = NumericArray | CellArray;

/** Data types of elements, from "MAT-File Format" (The MathWorks), table 1-1. */
const matrixType = 14;
const compressedType = 15;
const numericTypes = new Map<number, NumbersType>([
  [1, Int8Array],
  [2, Uint8Array],
  [3, Int16Array],
  [4, Uint16Array],
  [5, Int32Array],
  [6, Uint32Array],
  [7, Float32Array],
  [9, Float64Array],
  [12, BigInt64Array],
  [13, BigUint64Array],
]);

/** Array classes, table 1-3: 1 is a cell array, 6 to 15 are numbers. */
const cellClass = 1;
const firstNumericClass = 6;
const lastNumericClass = 15;

const headerBytes = 128;

/** Bytes of one variable, unpacked; the longest of CUHK Avenue takes a third. */
const mostBytes = 2 ** 30;

/**
 * Reads one variable of a MATLAB 5 file (what MATLAB saves unless told `-v7.3`), little-endian:
 * numbers, logicals, and cell arrays of such.
 * @param limit bytes that the variable may unpack to; default 1 GiB
 * @throws Error saying what is wrong with the file
 */
export function readMatlabVariable(file: Buffer, name: string, limit = mostBytes): MatlabArray {
  if (file.length < headerBytes || file.toString('latin1', 126, 128) !== 'IM') {
    throw new Error('it is not a little-endian MATLAB 5 file');
  }
  const names: string[] = [];
  for (let element of elements(file.subarray(headerBytes))) {
    if (element.type === compressedType) {
      [element] = elements(unpack(element.data, limit)) as [Element];
    }
    if (element?.type !== matrixType) continue;
    const [, , nameElement] = elements(element.data);
    const found = nameElement?.data.toString('latin1') ?? '';
    if (found === name) return parseArray(element.data);
    names.push(found);
  }
  throw new Error(`it has no variable ${name}, only ${names.join(', ') || 'nothing'}`);
}

interface Element {
  readonly type: number;
  readonly data: Buffer;
}

/** @throws Error where a few bytes claim to be very many, or are damaged */
function unpack(packed: Buffer, limit: number): Buffer {
  try {
    return inflateSync(packed, { maxOutputLength: limit });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(
      code === 'ERR_BUFFER_TOO_LARGE'
        ? `a variable of it unpacks to more than ${limit} bytes`
        : 'it is cut off or damaged',
    );
  }
}

/** The elements that follow one another in some bytes. */
function elements(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    let type = bytes.readUInt32LE(at);
    let length = bytes.readUInt32LE(at + 4);
    let start = at + 8;
    // Up to four bytes are kept within the tag, their number in its upper half.
    const small = type >>> 16 !== 0;
    if (small) {
      length = type >>> 16;
      type &= 0xffff;
      start = at + 4;
    }
    if (length > (small ? 4 : bytes.length - start)) throw new Error('it is cut off or damaged');
    found.push({ type, data: bytes.subarray(start, start + length) });
    const padded = type === compressedType ? length : Math.ceil(length / 8) * 8;
    at += small ? 8 : 8 + padded;
  }
  return found;
}

function parseArray(bytes: Buffer): MatlabArray {
  // An empty cell is a matrix of no bytes at all.
  if (bytes.length === 0) return { kind: 'numeric', dimensions: [0, 0], data: [] };
  const [flags, dimensionElement, , ...rest] = elements(bytes);
  if (!flags || !dimensionElement) throw new Error('it is damaged: an array without dimensions');
  const arrayClass = flags.data[0] ?? 0;
  const dimensions = Array.from(numbers(dimensionElement), Number);
  const count = dimensions.reduce((product, dimension) => product * dimension, 1);
  if (arrayClass === cellClass) {
    if (rest.length !== count) throw new Error(`it is damaged: ${rest.length} of ${count} cells`);
    return { kind: 'cell', dimensions, cells: rest.map((cell) => parseArray(cell.data)) };
  }
  if (arrayClass < firstNumericClass || arrayClass > lastNumericClass) {
    throw new Error(`it has an array of class ${arrayClass}, which is neither numbers nor cells`);
  }
  const data = rest[0] ? numbers(rest[0]) : [];
  if (data.length !== count) throw new Error(`it is damaged: ${data.length} of ${count} numbers`);
  return { kind: 'numeric', dimensions, data };
}

function numbers({ type, data }: Element): Numbers {
  const Type = numericTypes.get(type);
  if (!Type) throw new Error(`it has data of type ${type}, which are no numbers`);
  return numbersIn(data, Type, Math.floor(data.length / Type.BYTES_PER_ELEMENT));
}
