/**
 * The span of a score axis: the threshold lies in its upper half and stays in sight, and a peak far
 * above it is in sight, too.
 */
export function scoreRange(
  scores: Iterable<number | null | undefined>,
  threshold: number | null,
): [low: number, high: number] {
  let low = 0;
  let high = threshold === null ? 1 : Math.max(1, threshold * 1.5);
  for (const score of scores) {
    if (score === null || score === undefined || Number.isNaN(score)) continue;
    low = Math.min(low, score);
    high = Math.max(high, score * 1.08);
  }
  return [low, high];
}
