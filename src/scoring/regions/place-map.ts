import type { Branch } from '../../model/configuration.ts';
import {
  blockMeans,
  type CellErrors,
  decibels,
  errorKinds,
  errorOf,
  type Grid,
  shareOf,
} from '../blocks.ts';
import { type Combination, combined } from '../combination.ts';
import { rarity, smallestRarity } from '../rarity.ts';
import { CurrentStatistics } from '../recent.ts';
import type { StreamSettings } from '../score.ts';
import { CausalBox } from '../smoothing.ts';
import type { NormalStatistics } from '../statistics.ts';
import { cellsOf, isUncounted, type PictureRegion } from './regions.ts';

const MINUTE = 60_000;

/** Places a side, at most: a map of a minute is half a kilobyte. */
const MOST_PLACES = 16;

/** Bytes grow with the logarithm, so that a step is two or three hundredths at any height. */
const STEPS = 36;
const LOWEST = -3;

/**
 * How rare each place of the picture was in one minute, whatever regions were drawn: enough to say what
 * the minute would have scored with other regions.
 */
export interface PlaceMap {
  /** Start of the minute, in milliseconds since 1970. */
  readonly time: number;
  readonly width: number;
  readonly height: number;
  /** Highest score of the minute without any region. */
  readonly peak: number;
  /** How the two parts become a score. */
  readonly combination: Combination;
  /** `[2, height, width]`: appearance, then motion, as {@link byteOf} has it. */
  readonly places: Uint8Array;
}

const byteOf = (value: number): number =>
  Math.min(255, Math.round(STEPS * Math.log(1 + Math.max(0, value - LOWEST))));
const rarityOf = (byte: number): number => Math.exp(byte / STEPS) - 1 + LOWEST;

/** In the order of a map's parts. */
const branches: readonly Branch[] = ['appearance', 'motion'];

/** The grid of places over a grid of cells. */
const placesOf = ({ width, height }: Grid): Grid => ({
  width: Math.min(MOST_PLACES, width),
  height: Math.min(MOST_PLACES, height),
});

/** Gathers a {@link PlaceMap} a minute from the errors of one stream. */
export class PlaceMapGatherer {
  readonly #statistics: CurrentStatistics;
  readonly #settings: StreamSettings;
  #smoothing: CausalBox;
  #minute:
    | { readonly time: number; whole: boolean; peak: number; values: Float64Array; grid: Grid }
    | undefined;

  constructor(statistics: NormalStatistics, settings: StreamSettings) {
    this.#statistics = new CurrentStatistics(statistics);
    this.#settings = settings;
    this.#smoothing = new CausalBox(settings.window);
  }

  /** Restarts the smoothing at a break in the stream, and drops the minute under way. */
  interrupt(): void {
    this.#smoothing = new CausalBox(this.#settings.window);
    this.#minute = undefined;
  }

  /**
   * @param time milliseconds since 1970
   * @param errors without any region
   * @param score the frame's, without any region
   * @returns the map of the minute before, where another begins; the first one was not seen whole
   */
  push(time: number, errors: CellErrors, score: number): PlaceMap | undefined {
    const grid = placesOf(errors.grid);
    const { combination } = this.#settings;
    const values = this.#smoothing.push(
      placeRarities(errors, this.#statistics.value, combination, grid),
    );
    this.#statistics.push(errors);
    const start = time - (time % MINUTE);
    const before = this.#minute;
    if (before?.time === start) {
      before.peak = Math.max(before.peak, score);
      for (let i = 0; i < values.length; i++)
        if (values[i]! > before.values[i]!) before.values[i] = values[i]!;
      return undefined;
    }
    this.#minute = { time: start, whole: before !== undefined, peak: score, values, grid };
    if (!before?.whole) return undefined;
    const { peak, values: places } = before;
    return {
      time: before.time,
      ...before.grid,
      peak,
      combination,
      places: Uint8Array.from(places, byteOf),
    };
  }
}

/** What the worst block whose worst cell lies in each place makes of the two parts: `[2, height, width]`. */
function placeRarities(
  errors: CellErrors,
  statistics: NormalStatistics,
  combination: Combination,
  places: Grid,
): Float64Array {
  const count = places.width * places.height;
  const placeOfCell = placeOfCells(errors.grid, places);
  const parts = new Float64Array(2 * count).fill(LOWEST);
  const known = new Set<Branch>();
  for (const kind of errorKinds) {
    const [map, normal] = [errors[kind], statistics[kind]];
    if (!map || !normal) continue;
    const branch = shareOf[kind];
    const first = count * branches.indexOf(branch);
    const rarities = new Float64Array(count);
    for (const { size, ...spread } of normal.blocks) {
      const worst = worstOfPlaces(map, errors.grid, size, placeOfCell);
      const least = errorOf(spread.quantiles[0]!);
      for (let place = 0; place < count; place++)
        rarities[place]! +=
          (worst[place]! <= least ? smallestRarity : rarity(spread, decibels(worst[place]!))) /
          normal.blocks.length;
    }
    for (let place = 0; place < count; place++) {
      const [part, other] = [parts[first + place]!, rarities[place]!];
      parts[first + place] = known.has(branch) ? combined([part, other], combination) : other;
    }
    known.add(branch);
  }
  return parts;
}

/**
 * The largest block mean by the place of its worst cell, `[height, width]` of the places.
 * @param placeOfCell see {@link placeOfCells}
 */
function worstOfPlaces(
  map: Float32Array,
  grid: Grid,
  size: number,
  placeOfCell: Uint8Array,
): Float64Array {
  const blocks = blockMeans(map, grid, size);
  const columns = grid.width - size + 1;
  const worst = new Float64Array(MOST_PLACES ** 2);
  let block = 0;
  for (let top = 0; top + size <= grid.height; top++)
    for (let left = 0; left < columns; left++) {
      let cell = top * grid.width + left;
      let largest = map[cell]!;
      for (let y = top; y < top + size; y++)
        for (let at = y * grid.width + left, end = at + size; at < end; at++)
          if (map[at]! > largest) {
            cell = at;
            largest = map[at]!;
          }
      const place = placeOfCell[cell]!;
      const mean = blocks[block++]!;
      if (mean > worst[place]!) worst[place] = mean;
    }
  return worst;
}

/** The place that each cell lies in, `[height, width]` of the grid. */
function placeOfCells(grid: Grid, places: Grid): Uint8Array {
  return Uint8Array.from({ length: grid.width * grid.height }, (_, cell) => {
    const column = cell % grid.width;
    const x = Math.floor((column * places.width) / grid.width);
    const y = Math.floor((((cell - column) / grid.width) * places.height) / grid.height);
    return y * places.width + x;
  });
}

/** The highest score of a minute if some regions had been drawn then. */
export function peakWith(map: PlaceMap, uncounted: Uint8Array | undefined): number {
  return map.peak + estimate(map, uncounted) - estimate(map, undefined);
}

/** Places that do not count where some regions are drawn; undefined where all count. */
export const uncountedPlaces = (
  regions: readonly PictureRegion[],
  map: Pick<PlaceMap, 'width' | 'height'>,
): Uint8Array | undefined => cellsOf(regions.filter(isUncounted), map);

function estimate(map: PlaceMap, uncounted: Uint8Array | undefined): number {
  const { places, width, height, combination } = map;
  const count = width * height;
  const parts = branches.map((_, share) => {
    let worst = 0;
    for (let place = 0; place < count; place++)
      if (uncounted?.[place] !== 1) worst = Math.max(worst, places[share * count + place]!);
    return rarityOf(worst);
  });
  return combined(parts, combination);
}
