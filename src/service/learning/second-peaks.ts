/**
 * The highest score of each second of footage without a break; NaN where a second has none.
 * @param scores one a frame, after the warm-up
 * @param warmUp frames before the first score
 */
export function secondPeaks(
  scores: readonly number[],
  { warmUp, fps }: { readonly warmUp: number; readonly fps: number },
): Float32Array {
  const seconds = Math.ceil((warmUp + scores.length) / fps);
  const peaks = new Float32Array(seconds).fill(Number.NaN);
  for (const [i, score] of scores.entries()) {
    const second = Math.floor((warmUp + i) / fps);
    if (!(peaks[second]! >= score)) peaks[second] = score;
  }
  return peaks;
}
