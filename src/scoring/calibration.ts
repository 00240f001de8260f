import type { Grid } from './blocks.ts';
import { mapMaximum } from './blocks.ts';
import { recentStatistics } from './recent-levels.ts';
import { defaultScoring, type FrameScore, type ScoringSettings, scoreClip } from './score.ts';
import { type HeldOutErrors, type NormalStatistics, statisticsOf } from './statistics.ts';
import { type AlarmThreshold, budgetThreshold } from './threshold.ts';

/** Everything that turns a model's errors into scores and alarms, from normal footage alone. */
export interface Calibration {
  readonly scoring: ScoringSettings;
  readonly statistics: NormalStatistics;
  readonly threshold: AlarmThreshold;
}

/** Share of held-out normal frames in which a cell reaches the region level. */
const REGION_SHARE = 0.01;

/** The default block sizes that fit a grid, or single cells. */
function blockSizesFor({ width, height }: Grid): readonly number[] {
  const smaller = Math.min(width, height);
  const fitting = defaultScoring.blockSizes.filter((size) => size <= smaller);
  return fitting.length > 0 ? fitting : [1];
}

/**
 * Statistics, alarm threshold and region level from held-out normal footage.
 * @throws RangeError where there are no errors.
 */
export function calibrate(stretches: readonly HeldOutErrors[], budgetPerHour = 1): Calibration {
  const grid = stretches[0]?.errors[0]?.grid;
  if (!grid) throw new RangeError('calibration on no footage');
  const blockSizes = blockSizesFor(grid);
  const overall = statisticsOf(
    stretches.flatMap(({ errors }) => errors),
    blockSizes,
  );
  const recent = recentStatistics(stretches, overall, blockSizes);
  const statistics = { ...overall, ...(recent && { recent }) };
  const { window, combination } = defaultScoring;
  const scored = stretches.map(({ errors, fps }) => ({
    fps,
    frames: scoreClip(errors, statistics, { window, combination }),
  }));
  const threshold = budgetThreshold(
    scored.map(({ frames, fps }) => ({ fps, scores: frames.map(({ score }) => score) })),
    { budgetPerHour },
  );
  const regionLevel = regionLevelOf(scored.flatMap(({ frames }) => frames));
  return { scoring: { blockSizes, window, combination, regionLevel }, statistics, threshold };
}

function regionLevelOf(frames: readonly FrameScore[]): number {
  const peaks = Float64Array.from(frames, ({ heatmap }) => mapMaximum(heatmap)).sort();
  // 1 at least, since few held-out frames give a low quantile.
  return Math.max(1, peaks[Math.ceil((1 - REGION_SHARE) * (peaks.length - 1))]!);
}
