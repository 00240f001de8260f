/**
 * How well scores rank positives over negatives, at every threshold: the counts of both at or
 * above each distinct score, from the highest score down. Samples of one score are one step.
 */
export interface RankingCurve {
  /** Weight of the positives at or above each distinct score, rising. */
  readonly truePositives: Float64Array;
  /** Weight of the negatives at or above each distinct score, rising. */
  readonly falsePositives: Float64Array;
}

/**
 * @param scores `[n]`
 * @param positives weight of positives at each score, `[n]`: 1 or 0 for a frame, a count for a cell
 * @param negatives weight of negatives at each score, `[n]`
 * @throws RangeError where lengths differ or a score is NaN.
 */
export function rankingCurve(
  scores: ArrayLike<number>,
  positives: ArrayLike<number>,
  negatives: ArrayLike<number>,
): RankingCurve {
  if (scores.length !== positives.length || scores.length !== negatives.length)
    throw new RangeError(
      `${scores.length} scores with ${positives.length} and ${negatives.length} labels`,
    );
  const levels = Float64Array.from(scores).sort().reverse();
  // Native sorts put NaN last.
  if (Number.isNaN(levels[0])) throw new RangeError('a score is NaN');
  let distinct = 0;
  for (const level of levels)
    if (distinct === 0 || level !== levels[distinct - 1]) levels[distinct++] = level;
  const truePositives = new Float64Array(distinct);
  const falsePositives = new Float64Array(distinct);
  for (let i = 0; i < scores.length; i++) {
    const step = descendingIndex(levels, distinct, scores[i]!);
    truePositives[step]! += positives[i]!;
    falsePositives[step]! += negatives[i]!;
  }
  for (let i = 1; i < distinct; i++) {
    truePositives[i]! += truePositives[i - 1]!;
    falsePositives[i]! += falsePositives[i - 1]!;
  }
  return { truePositives, falsePositives };
}

/** Where `value` stands among the first `length` of `levels`, which fall and hold it. */
function descendingIndex(levels: Float64Array, length: number, value: number): number {
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (levels[middle]! > value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The curve of frames: `labels` are 1 where the frame is anomalous and 0 where it is not. */
function labelledCurve(scores: ArrayLike<number>, labels: ArrayLike<number>): RankingCurve {
  return rankingCurve(
    scores,
    labels,
    Float64Array.from(labels, (label) => 1 - label),
  );
}

/** Area under the ROC curve, equal scores counted by half (mid-ranks); null where a class is missing. */
export function areaUnderRoc(curve: RankingCurve): number | null {
  const totals = classTotals(curve);
  if (totals === null) return null;
  let area = 0;
  let [tpBefore, fpBefore] = [0, 0];
  for (const [i, tp] of curve.truePositives.entries()) {
    const fp = curve.falsePositives[i]!;
    area += ((fp - fpBefore) * (tp + tpBefore)) / 2;
    [tpBefore, fpBefore] = [tp, fp];
  }
  return area / (totals.positives * totals.negatives);
}

/** {@link areaUnderRoc} of scores and labels of 0 and 1. @throws RangeError on NaN. */
export function rocAuc(scores: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  return areaUnderRoc(labelledCurve(scores, labels));
}

/**
 * Average precision: precision at each distinct score, weighted by the recall it adds, without
 * interpolation; null where a class is missing.
 * @throws RangeError on NaN.
 */
export function averagePrecision(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
): number | null {
  const curve = labelledCurve(scores, labels);
  const totals = classTotals(curve);
  if (totals === null) return null;
  let sum = 0;
  let before = 0;
  for (const [i, tp] of curve.truePositives.entries()) {
    sum += ((tp - before) * tp) / (tp + curve.falsePositives[i]!);
    before = tp;
  }
  return sum / totals.positives;
}

/**
 * Equal error rate: where the share of missed positives equals that of false alarms, on the ROC
 * curve with straight lines between its points; null where a class is missing.
 * @throws RangeError on NaN.
 */
export function equalErrorRate(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
): number | null {
  const curve = labelledCurve(scores, labels);
  const totals = classTotals(curve);
  if (totals === null) return null;
  let [falseBefore, missedBefore] = [0, 1];
  for (const [i, tp] of curve.truePositives.entries()) {
    const falseRate = curve.falsePositives[i]! / totals.negatives;
    const missedRate = 1 - tp / totals.positives;
    if (falseRate >= missedRate) {
      const gapBefore = missedBefore - falseBefore;
      const share = gapBefore / (gapBefore + falseRate - missedRate);
      return falseBefore + share * (falseRate - falseBefore);
    }
    [falseBefore, missedBefore] = [falseRate, missedRate];
  }
  throw new Error('the ROC curve does not end at (1, 1)');
}

function classTotals(curve: RankingCurve): { positives: number; negatives: number } | null {
  const positives = curve.truePositives.at(-1) ?? 0;
  const negatives = curve.falsePositives.at(-1) ?? 0;
  return positives > 0 && negatives > 0 ? { positives, negatives } : null;
}
