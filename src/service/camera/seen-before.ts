import type { LightName } from '../../scoring/light/clusters.ts';
import { isUncounted, type PictureRegion } from '../../scoring/regions/regions.ts';
import type { SeenBefore } from '../budget/camera-keeper.ts';
import type { Store } from '../parts.ts';

/** Milliseconds of the past that a budget is kept by. */
export const LOOKED_BACK = 7 * 24 * 3_600_000;

/** What scores leave out: equal for regions that leave out the same. */
export const uncountedKey = (regions: readonly PictureRegion[]): string =>
  JSON.stringify(regions.filter(isUncounted).map(({ polygon }) => polygon));

export const nothingSeen: SeenBefore = { history: [], events: [] };

/**
 * What a camera saw in the last week: its scores and its alarms.
 * @param light by one model alone
 */
export function seenBefore(
  store: Pick<Store, 'scores' | 'eventsBetween'>,
  camera: string,
  now: number,
  light?: LightName,
): SeenBefore {
  const from = now - LOOKED_BACK;
  return {
    history: store.scores(camera, from, now, light),
    events: store
      .eventsBetween(camera, from, now, 'alarm')
      .filter((event) => light === undefined || event.light === light),
  };
}
