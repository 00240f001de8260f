/** Frames from `start` to before `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * The runs of frames with label 1; none runs across a gap of the recording.
 * @param gaps frames that do not follow the one before
 */
export function anomalousSpans(labels: ArrayLike<number>, gaps: readonly number[] = []): Span[] {
  const cuts = new Set(gaps);
  const spans: Span[] = [];
  let start = -1;
  for (let i = 0; i <= labels.length; i++) {
    const anomalous = i < labels.length && labels[i] === 1;
    if (start >= 0 && (!anomalous || cuts.has(i))) {
      spans.push({ start, end: i });
      start = -1;
    }
    if (anomalous && start < 0) start = i;
  }
  return spans;
}
