import { deflateSync } from 'node:zlib';

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, i * 4);
  return bytes;
}

/** A MATLAB data element, padded to 8 bytes; in the small form where it has up to four bytes. */
function element(type: number, data: Buffer, small = data.length <= 4): Buffer {
  if (small)
    return Buffer.concat([words((data.length << 16) | type), data, Buffer.alloc(4 - data.length)]);
  return Buffer.concat([words(type, data.length), data, Buffer.alloc(-data.length & 7)]);
}

function matrix(arrayClass: number, dimensions: number[], name: string, content: Buffer): Buffer {
  const parts = [
    element(6, words(arrayClass, 0), false),
    element(5, words(...dimensions)),
    element(1, Buffer.from(name), name.length > 0 && name.length <= 4),
    content,
  ];
  return element(14, Buffer.concat(parts), false);
}

/** A uint8 array, given column by column. */
export function matlabBytes(dimensions: number[], values: Uint8Array, name = ''): Buffer {
  return matrix(9, dimensions, name, element(2, Buffer.from(values)));
}

export function matlabDoubles(dimensions: number[], values: number[], name = ''): Buffer {
  return matrix(
    6,
    dimensions,
    name,
    element(9, Buffer.from(Float64Array.from(values).buffer), false),
  );
}

export function matlabCells(dimensions: number[], cells: Buffer[], name = ''): Buffer {
  return matrix(1, dimensions, name, Buffer.concat(cells));
}

/** A MATLAB 5 file of some variables, each compressed as MATLAB does it, or not. */
export function matlabFile(variables: Buffer[], compressed = true): Buffer {
  const header = Buffer.alloc(128, ' ');
  header.write('MATLAB 5.0 MAT-file');
  header.writeUInt16LE(0x0100, 124);
  header.write('IM', 126);
  const body = variables.map((variable) => {
    if (!compressed) return variable;
    const data = deflateSync(variable);
    return Buffer.concat([words(15, data.length), data]);
  });
  return Buffer.concat([header, ...body]);
}

/** A NumPy file of version 1 or 2. */
export function npy(
  descr: string,
  shape: number[],
  data: Buffer,
  version = 1,
  fortran = 'False',
): Buffer {
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dict = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': (${dimensions}), }\n`;
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUInt16LE(dict.length);
  return Buffer.concat([
    Buffer.from(`\x93NUMPY${String.fromCharCode(version, 0)}`, 'latin1'),
    length,
    Buffer.from(dict),
    data,
  ]);
}
