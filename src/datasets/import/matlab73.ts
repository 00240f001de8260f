import type { Dataset, File, Reference } from 'h5wasm/node';
import type { CellArray, MatlabArray } from './matlab.ts';
import type { Numbers } from './numbers.ts';

type Hdf5 = typeof import('h5wasm/node');

/** Elements of one array, at most: a few bytes may claim any number. */
const mostElements = 2 ** 28;

/** The signature of HDF5, which follows MATLAB's own header of 512 bytes. */
const signature = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');
const afterHeader = 512;

/** Whether a file is of MATLAB 7.3, which is HDF5. */
export function isMatlab73(file: Buffer): boolean {
  return file.subarray(afterHeader, afterHeader + signature.length).equals(signature);
}

/**
 * Reads one variable of a MATLAB 7.3 file: numbers, logicals, and cell arrays of such.
 * @throws Error saying what is wrong with the file
 */
export async function readMatlab73(path: string, name: string): Promise<MatlabArray> {
  const hdf5 = await import('h5wasm/node');
  // Its faults would be printed otherwise.
  (await hdf5.ready).activate_throwing_error_handler();
  const file = whole(() => new hdf5.File(path, 'r'));
  try {
    const found = whole(() => file.get(name));
    if (!(found instanceof hdf5.Dataset)) {
      const names = whole(() => file.keys()).filter((key) => !key.startsWith('#'));
      throw new Error(`it has no variable ${name}, only ${names.join(', ') || 'nothing'}`);
    }
    return parse(hdf5, file, found);
  } finally {
    try {
      file.close();
    } catch {
      // One that is damaged does not close either.
    }
  }
}

/** @throws Error where the library finds damage */
function whole<Result>(work: () => Result): Result {
  try {
    return work();
  } catch {
    throw new Error('it is MATLAB 7.3 (HDF5), and cut off or damaged');
  }
}

function parse(hdf5: Hdf5, file: File, array: Dataset): MatlabArray {
  // HDF5 names the dimension first that runs slowest, MATLAB the one that runs fastest.
  const dimensions = whole(() => array.shape ?? []).toReversed();
  const count = dimensions.reduce((product, dimension) => product * dimension, 1);
  if (count > mostElements) throw new Error(`it has an array of ${count} elements`);
  // Of an empty array the dimensions are kept in place of elements.
  const attributes = whole(() => array.attrs);
  if (attributes.MATLAB_empty) return { kind: 'numeric', dimensions: [0, 0], data: [] };
  const value = whole(() => array.value);
  const kind = String(attributes.MATLAB_class?.value ?? '');
  if (kind === 'cell') return { kind: 'cell', dimensions, cells: cellsOf(hdf5, file, value) };
  if (!ArrayBuffer.isView(value))
    throw new Error(`it has an array of class ${kind}, which is neither numbers nor cells`);
  return { kind: 'numeric', dimensions, data: value as unknown as Numbers };
}

function cellsOf(hdf5: Hdf5, file: File, references: unknown): CellArray['cells'] {
  if (!Array.isArray(references)) throw new Error('it is damaged: cells without references');
  return references.map((reference: Reference) => {
    const cell = whole(() => file.dereference(reference));
    if (!(cell instanceof hdf5.Dataset)) throw new Error('it is damaged: a cell that is nowhere');
    return parse(hdf5, file, cell);
  });
}
