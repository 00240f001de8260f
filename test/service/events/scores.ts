import type { CameraScore } from '../../../src/service/parts.ts';

/** What inference says of a frame in which nothing else matters. */
export function scoreAt(
  time: number,
  score: number,
  change: Partial<CameraScore> = {},
): CameraScore {
  return {
    time,
    score,
    appearance: score,
    motion: 0,
    regions: [],
    heatmap: { width: 1, height: 1, data: Uint8Array.of(score) },
    timeScale: null,
    ...change,
  };
}
