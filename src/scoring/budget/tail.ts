/** One point of a tail. */
interface TailPoint {
  readonly level: number;
  /** Alarms an hour. */
  readonly rate: number;
}

/**
 * Rate of alarms by threshold: measured points with rising rates, and an exponential beyond the rarest.
 */
export interface AlarmTail {
  /** The rarest first; at least one. */
  readonly points: readonly TailPoint[];
  /** Mean excess of scores over the first point; above 0. */
  readonly meanExcess: number;
}

/** The threshold that would raise alarms at a rate an hour. */
export function thresholdAt({ points, meanExcess }: AlarmTail, rate: number): number {
  const first = points[0]!;
  if (rate <= first.rate) return first.level + meanExcess * Math.log(first.rate / rate);
  let low = 0;
  let high = points.length - 1;
  if (rate >= points[high]!.rate) return points[high]!.level;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (points[middle]!.rate <= rate) low = middle;
    else high = middle;
  }
  const [rarer, oftener] = [points[low]!, points[high]!];
  const share = Math.log(rate / rarer.rate) / Math.log(oftener.rate / rarer.rate);
  return rarer.level + share * (oftener.level - rarer.level);
}

/** Alarms an hour that a threshold would raise. */
export function rateAt({ points, meanExcess }: AlarmTail, threshold: number): number {
  const first = points[0]!;
  if (threshold >= first.level)
    return first.rate * Math.exp((first.level - threshold) / meanExcess);
  for (let i = 1; i < points.length; i++) {
    const [rarer, oftener] = [points[i - 1]!, points[i]!];
    if (threshold < oftener.level) continue;
    const share = (rarer.level - threshold) / (rarer.level - oftener.level);
    return rarer.rate * (oftener.rate / rarer.rate) ** share;
  }
  return points.at(-1)!.rate;
}
