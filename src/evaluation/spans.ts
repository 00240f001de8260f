/** Frames from `start` to before `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The runs of frames with label 1. */
export function anomalousSpans(labels: ArrayLike<number>): Span[] {
  const spans: Span[] = [];
  let start = -1;
  for (let i = 0; i <= labels.length; i++) {
    const anomalous = i < labels.length && labels[i] === 1;
    if (anomalous && start < 0) start = i;
    if (!anomalous && start >= 0) {
      spans.push({ start, end: i });
      start = -1;
    }
  }
  return spans;
}
