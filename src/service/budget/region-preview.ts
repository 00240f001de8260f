import type { PlaceMap } from '../../scoring/regions/place-map.ts';
import type { PictureRegion } from '../../scoring/regions/regions.ts';
import { rescored } from '../../scoring/regions/rescore.ts';
import type { ScoredStretch } from '../parts.ts';
import { alarmsOf, type PreviewedAlarm } from './budget.ts';
import type { BudgetSettings, CameraKeeper } from './camera-keeper.ts';

const HOUR = 3_600_000;
const MINUTES_AN_HOUR = 60;

/** Alarms of a threshold on what was seen, the first first. */
export interface SeenAlarms {
  readonly threshold: number;
  readonly alarms: readonly PreviewedAlarm[];
}

export interface SeenWithRegions {
  readonly before: SeenAlarms;
  readonly after: SeenAlarms;
  readonly hours: number;
  readonly rescoredHours: number;
}

/**
 * What other regions would have meant on what was seen.
 * @param history the highest score of each second, with the regions in force
 * @param maps of the minutes that can be scored again
 * @param grouping milliseconds between two alarms below which they are one
 */
export function previewRegions(
  history: readonly ScoredStretch[],
  maps: readonly PlaceMap[],
  regions: readonly PictureRegion[],
  keeper: CameraKeeper,
  budget: BudgetSettings,
  grouping: number,
): SeenWithRegions {
  const again = rescored(history, maps, regions);
  const asked = keeper.with(budget);
  asked.rescore(again);
  const seconds = history.reduce(
    (sum, { peaks }) => sum + peaks.filter((peak) => !Number.isNaN(peak)).length,
    0,
  );
  const seen = (stretches: readonly ScoredStretch[], threshold: number): SeenAlarms => ({
    threshold,
    alarms: alarmsOf(stretches, threshold, grouping),
  });
  return {
    before: seen(history, keeper.level),
    after: seen(again, asked.level),
    hours: (1000 * seconds) / HOUR,
    rescoredHours: maps.length / MINUTES_AN_HOUR,
  };
}
