import { readFile } from 'node:fs/promises';
import { UserError } from '../errors.ts';
import { writeAtomically } from './atomic.ts';
import { halfToNumber, numberToHalf } from './half.ts';

/** How numbers are stored; in memory they are float32. */
export type Precision = 'F32' | 'F16';
const BYTES: Readonly<Record<Precision, number>> = { F32: 4, F16: 2 };

/** A tensor of a safetensors file. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface Safetensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Texts that are stored beside the tensors. */
  readonly metadata: Readonly<Record<string, string>>;
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const LARGEST_HEADER = 100 * 2 ** 20;

/** Writes tensors in the safetensors format, whole or not at all. */
export async function writeSafetensors(
  path: string,
  file: Safetensors,
  precision: Precision = 'F32',
): Promise<void> {
  const header: Record<string, HeaderEntry | Readonly<Record<string, string>>> = {};
  if (Object.keys(file.metadata).length > 0) header.__metadata__ = file.metadata;
  let end = 0;
  for (const [name, { shape, data }] of file.tensors) {
    const size = data.length * BYTES[precision];
    header[name] = { dtype: precision, shape, data_offsets: [end, end + size] };
    end += size;
  }
  const text = Buffer.from(JSON.stringify(header));
  // Tensors begin at a multiple of 8 bytes; the format pads the header with spaces.
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')]);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(padded.length));
  await writeAtomically(path, async (handle) => {
    await handle.writeFile(Buffer.concat([size, padded]));
    for (const { data } of file.tensors.values()) {
      const stored = precision === 'F16' ? Uint16Array.from(data, numberToHalf) : data;
      await handle.writeFile(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength));
    }
  });
}

/**
 * Reads a safetensors file of tensors in float32 or half precision.
 * @throws UserError when the file is missing, cut short, or no such file.
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new UserError(`${path}: is missing`);
  }
  const broken = (what: string) =>
    new UserError(`${path}: is not a complete safetensors file (${what}); use an undamaged copy`);
  if (bytes.length < 8) throw broken('shorter than its header');
  const headerSize = Number(bytes.readBigUInt64LE(0));
  if (headerSize > LARGEST_HEADER || 8 + headerSize > bytes.length)
    throw broken('shorter than its header');
  let header: unknown;
  try {
    header = JSON.parse(bytes.toString('utf8', 8, 8 + headerSize));
  } catch {
    throw broken('its header is not JSON');
  }
  if (typeof header !== 'object' || header === null) throw broken('its header is not an object');
  const { __metadata__: metadata = {}, ...entries } = header as Record<string, unknown>;
  const tensors = new Map<string, StoredTensor>();
  let whole = 8 + headerSize;
  for (const [name, entry] of Object.entries(entries)) {
    if (!isEntry(entry)) throw broken(`the header's entry '${name}'`);
    const [start, end] = entry.data_offsets;
    const size = entry.shape.reduce((product, axis) => product * axis, 1);
    const { dtype } = entry;
    if (dtype !== 'F32' && dtype !== 'F16') throw broken(`'${name}' is ${dtype}, not F32 or F16`);
    if (end - start !== size * BYTES[dtype])
      throw broken(`'${name}' has other sizes than its header says`);
    if (8 + headerSize + end > bytes.length) throw broken(`cut short in '${name}'`);
    whole = Math.max(whole, 8 + headerSize + end);
    // A copy, for a tensor may begin anywhere.
    const { buffer } = Uint8Array.from(
      bytes.subarray(8 + headerSize + start, 8 + headerSize + end),
    );
    const data =
      dtype === 'F16'
        ? Float32Array.from(new Uint16Array(buffer), halfToNumber)
        : new Float32Array(buffer);
    tensors.set(name, { shape: entry.shape, data });
  }
  if (whole !== bytes.length) throw broken('longer than its header says');
  return { tensors, metadata: metadata as Record<string, string> };
}

function isEntry(entry: unknown): entry is HeaderEntry {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Partial<HeaderEntry>;
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  return (
    typeof dtype === 'string' &&
    Array.isArray(shape) &&
    shape.every(isCount) &&
    Array.isArray(offsets) &&
    offsets.length === 2 &&
    offsets.every(isCount)
  );
}
