import type { ScoredStretch, Span } from '../parts.ts';

/**
 * Stretches without a gap: cut where there is no score, and where a second overlaps one of the
 * spans, which are left out.
 */
export function cutStretches(
  stretches: readonly ScoredStretch[],
  leftOut: readonly Span[],
): ScoredStretch[] {
  return stretches.flatMap(({ from, peaks }) => {
    const second = (time: number) => (time - from) / 1000;
    const out = new Uint8Array(peaks.length);
    for (const span of leftOut)
      out.fill(
        1,
        Math.max(0, Math.floor(second(span.from))),
        Math.max(0, Math.ceil(second(span.to))),
      );
    const cut: ScoredStretch[] = [];
    let start = 0;
    for (let i = 0; i <= peaks.length; i++) {
      if (i < peaks.length && out[i] === 0 && !Number.isNaN(peaks[i])) continue;
      if (i > start) cut.push({ from: from + start * 1000, peaks: peaks.subarray(start, i) });
      start = i + 1;
    }
    return cut;
  });
}
