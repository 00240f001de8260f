/**
 * The directions in which features vary most, as rows: the leading eigenvectors of a covariance by
 * orthogonal iteration, whose start is fixed, so that the same features get the same colours.
 * @param covariance symmetric, `[width, width]`
 * @returns `count` unit vectors of `width`, and how much the features vary along each (standard deviation)
 */
export function principalDirections(
  covariance: Float64Array,
  width: number,
  count: number,
): { vector: Float64Array; deviation: number }[] {
  const found: { vector: Float64Array; deviation: number }[] = [];
  for (let k = 0; k < Math.min(count, width); k++) {
    let vector = Float64Array.from({ length: width }, (_, i) => 1 + ((i * 7 + k * 3) % 5) / 5);
    let variance = 0;
    for (let step = 0; step < STEPS; step++) {
      const next = times(covariance, vector);
      for (const { vector: other } of found) {
        const along = dot(next, other);
        for (let i = 0; i < width; i++) next[i]! -= along * other[i]!;
      }
      variance = Math.sqrt(dot(next, next));
      if (variance === 0) break;
      vector = next.map((value) => value / variance);
    }
    found.push({ vector, deviation: Math.sqrt(variance) });
  }
  return found;
}

/** Enough to separate directions whose variances differ by a few percent. */
const STEPS = 60;

const dot = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

const times = (matrix: Float64Array, vector: Float64Array): Float64Array =>
  vector.map((_, row) =>
    vector.reduce((sum, value, i) => sum + matrix[row * vector.length + i]! * value, 0),
  );
