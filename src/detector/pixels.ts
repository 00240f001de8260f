/** Bytes 0..255 as the model's numbers in [-1, 1]. */
const SCALED = Float32Array.from({ length: 256 }, (_, byte) => byte / 127.5 - 1);

/** Writes a frame's bytes as numbers in [-1, 1] into a tensor, from `offset` on. */
export function scalePixels(bytes: Uint8Array, into: Float32Array, offset: number): void {
  for (let i = 0; i < bytes.length; i++) into[offset + i] = SCALED[bytes[i]!]!;
}
