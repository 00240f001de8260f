import { type PlaceMap, peakWith, uncountedPlaces } from './place-map.ts';
import type { PictureRegion } from './regions.ts';

const MINUTE = 60_000;

/** Scores seen without a break: the highest of each second; NaN where there was none. */
export interface SeenSeconds {
  /** Of the first, in milliseconds since 1970. */
  readonly from: number;
  readonly peaks: Float32Array;
}

/**
 * What was seen, as it would have scored with some regions. Each second of a minute that has a map is at
 * most the minute's peak with those regions; where that is higher than all of them, the highest second
 * takes it. Minutes without a map stay.
 */
export function rescored(
  history: readonly SeenSeconds[],
  maps: readonly PlaceMap[],
  regions: readonly PictureRegion[],
): SeenSeconds[] {
  const peaks = new Map<number, number>();
  let [mask, of]: [Uint8Array | undefined, string] = [undefined, ''];
  for (const map of maps) {
    const size = `${map.width}x${map.height}`;
    if (size !== of) [mask, of] = [uncountedPlaces(regions, map), size];
    peaks.set(map.time, peakWith(map, mask));
  }
  const highest = new Map<number, number>();
  const each = (visit: (minute: number, peak: number, stretch: number, second: number) => void) => {
    for (const [stretch, { from, peaks: seconds }] of history.entries())
      for (let second = 0; second < seconds.length; second++) {
        const time = from + 1000 * second;
        if (!Number.isNaN(seconds[second]!))
          visit(time - (time % MINUTE), seconds[second]!, stretch, second);
      }
  };
  each((minute, peak) => {
    if (!(highest.get(minute)! >= peak)) highest.set(minute, peak);
  });
  const changed = history.map(({ from, peaks: seconds }) => ({
    from,
    peaks: Float32Array.from(seconds),
  }));
  each((minute, peak, stretch, second) => {
    const limit = peaks.get(minute);
    if (limit === undefined) return;
    if (peak > limit) changed[stretch]!.peaks[second] = limit;
    else if (peak === highest.get(minute)) {
      changed[stretch]!.peaks[second] = limit;
      highest.set(minute, Number.POSITIVE_INFINITY);
    }
  });
  return changed;
}
