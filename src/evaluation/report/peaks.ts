/** How many peaks of a clip the report shows, and how many seconds they lie apart at least. */
const shownPeaks = { count: 3, secondsApart: 4 } as const;

/**
 * The frames whose pictures the report shows: the highest scores that lie apart from each other,
 * the highest first. The first frame of a plateau stands for it.
 */
export function peakFrames(score: ArrayLike<number>, fps: number): number[] {
  const apart = Math.max(1, Math.round(shownPeaks.secondsApart * fps));
  const peaks: number[] = [];
  while (peaks.length < shownPeaks.count) {
    let best = -1;
    for (let i = 0; i < score.length; i++) {
      if (best >= 0 && score[i]! <= score[best]!) continue;
      // The flank of a peak that is shown already is no peak of its own.
      const summit =
        score[i]! >= (score[i - 1] ?? -Infinity) && score[i]! >= (score[i + 1] ?? -Infinity);
      if (summit && peaks.every((peak) => Math.abs(peak - i) >= apart)) best = i;
    }
    if (best < 0) break;
    peaks.push(best);
  }
  return peaks;
}
