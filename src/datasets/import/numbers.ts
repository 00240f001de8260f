/** Numbers of any type that a file of another program holds. */
export type Numbers = ArrayLike<number | bigint>;

/** One of the typed arrays. */
export interface NumbersType {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Numbers;
}

/** The first `count` numbers in some bytes, in this machine's order (little-endian, as all that run Node.js). */
export function numbersIn(bytes: Buffer, type: NumbersType, count: number): Numbers {
  // Single bytes may lie anywhere; wider numbers only where they are aligned, so in a copy.
  const { buffer, byteOffset } = type.BYTES_PER_ELEMENT === 1 ? bytes : new Uint8Array(bytes);
  return new type(buffer, byteOffset, count);
}
