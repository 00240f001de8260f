/** A filter of FFmpeg's with its options. */
export interface FilterStep {
  readonly filter: string;
  readonly options?: string;
}

/**
 * The filters that bring a picture upright, by the display matrix that its container or its EXIF
 * gives: nine 32-bit numbers, of which the first two of the first two rows tell quarter turns and
 * mirroring. A matrix between two quarter turns counts as the nearer.
 */
export function turnsOf(matrix: Buffer | null): FilterStep[] {
  if (!matrix || matrix.length < 36) return [];
  const numbers = new DataView(matrix.buffer, matrix.byteOffset, matrix.length);
  // x' = a x + c y, y' = b x + d y, with y downwards; little-endian as on every machine that runs this.
  const [a, b, c, d] = [0, 4, 12, 16].map((at) => numbers.getInt32(at, true)) as [
    number,
    number,
    number,
    number,
  ];
  if (Math.abs(a) + Math.abs(d) >= Math.abs(b) + Math.abs(c)) {
    const steps: FilterStep[] = [];
    if (a < 0) steps.push({ filter: 'hflip' });
    if (d < 0) steps.push({ filter: 'vflip' });
    return steps;
  }
  const direction = c > 0 ? (b > 0 ? 'cclock_flip' : 'cclock') : b > 0 ? 'clock' : 'clock_flip';
  return [{ filter: 'transpose', options: `dir=${direction}` }];
}
