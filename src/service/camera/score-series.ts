import type { ScoreSeries } from '../contract/camera.ts';
import type { ScoredStretch } from '../parts.ts';

/**
 * Scores of a span as points that are evenly apart, each the highest of its step.
 * @param points at most so many
 */
export function scoreSeries(
  stretches: readonly ScoredStretch[],
  from: number,
  to: number,
  points: number,
): Omit<ScoreSeries, 'threshold'> {
  const step = Math.max(1, Math.ceil((to - from) / points / 1000)) * 1000;
  const scores: (number | null)[] = new Array(Math.max(0, Math.ceil((to - from) / step))).fill(
    null,
  );
  for (const stretch of stretches)
    for (let i = 0; i < stretch.peaks.length; i++) {
      const peak = stretch.peaks[i]!;
      const index = Math.floor((stretch.from + i * 1000 - from) / step);
      const before = scores[index];
      if (before === undefined || Number.isNaN(peak)) continue;
      if (before === null || peak > before) scores[index] = peak;
    }
  return { step, from, scores };
}
