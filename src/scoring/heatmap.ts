import {
  blockMeans,
  type CellErrors,
  decibels,
  errorKinds,
  errorOf,
  type Grid,
  mapMaximum,
} from './blocks.ts';
import { type Combination, combined } from './combination.ts';
import { type Box, connectedParts } from './connected-parts.ts';
import { ordinaryLevel, rarity } from './rarity.ts';
import type { NormalStatistics } from './statistics.ts';

/** A part of the picture that is not normal, in pixels of the source. */
export interface Region extends Box {
  /** The largest local rarity within it. */
  readonly score: number;
}

/**
 * How far each cell is from normal, before smoothing: the error in dB of the worst of the
 * smallest blocks that cover it, as the rarity that it has for the worst block of a normal frame, as far
 * as it is above 0, of the kinds of errors combined. 0 is thus no worse than the worst place of an
 * ordinary frame. A quiet place is far below that, and an anomaly that passes through it must not be
 * averaged away by how quiet it was before.
 *
 * The worst block and not a centred one: a block of even size has no centre cell, and this way
 * the maximum of one decoder's map is that decoder's own share of the frame score. An anomaly is
 * at most `size - 1` cells too large on each side for it.
 * @returns `[grid.height, grid.width]`
 */
export function localRarities(
  errors: CellErrors,
  statistics: NormalStatistics,
  combination: Combination,
): Float64Array {
  const { width, height } = errors.grid;
  const rarities = new Float64Array(width * height);
  for (const kind of errorKinds) {
    const map = errors[kind];
    const normal = statistics[kind]?.blocks[0];
    if (map === undefined || normal === undefined) continue;
    const worst = worstCovering(
      blockMeans(map, errors.grid, normal.size),
      errors.grid,
      normal.size,
    );
    // Most cells are ordinary, and a logarithm for each of them costs more than all else here.
    const ordinary = errorOf(ordinaryLevel(normal));
    for (let i = 0; i < rarities.length; i++)
      if (worst[i]! > ordinary)
        rarities[i] = combined(
          [rarities[i]!, Math.max(0, rarity(normal, decibels(worst[i]!)))],
          combination,
        );
  }
  return rarities;
}

/** For each cell the largest of the blocks that cover it: `[height, width]`. */
function worstCovering(blocks: Float64Array, grid: Grid, size: number): Float64Array {
  const columns = grid.width - size + 1;
  const worst = new Float64Array(grid.width * grid.height);
  for (let i = 0; i < blocks.length; i++) {
    const left = i % columns;
    const top = (i - left) / columns;
    const value = blocks[i]!;
    for (let y = top; y < top + size; y++)
      for (let x = left; x < left + size; x++) {
        const cell = y * grid.width + x;
        if (value > worst[cell]!) worst[cell] = value;
      }
  }
  return worst;
}

/**
 * Connected parts (8 neighbours) of the heatmap at or above `level`, as boxes in pixels of
 * `source`, widened to whole pixels; the worst first.
 * @param heatmap `[grid.height, grid.width]`
 */
export function findRegions(
  heatmap: ArrayLike<number>,
  grid: Grid,
  level: number,
  source: { readonly width: number; readonly height: number },
): Region[] {
  const parts = connectedParts((cell) => heatmap[cell]! >= level, grid, 8);
  return parts
    .map(({ cells, box }) => ({
      ...inSource(box, grid, source),
      score: cells.reduce((most, cell) => Math.max(most, heatmap[cell]!), Number.NEGATIVE_INFINITY),
    }))
    .sort((a, b) => b.score - a.score);
}

/** A box of cells in pixels of the source, widened to whole ones. */
function inSource(box: Box, grid: Grid, source: Grid): Box {
  const x = Math.floor((box.x * source.width) / grid.width);
  const y = Math.floor((box.y * source.height) / grid.height);
  return {
    x,
    y,
    width: Math.ceil(((box.x + box.width) * source.width) / grid.width) - x,
    height: Math.ceil(((box.y + box.height) * source.height) / grid.height) - y,
  };
}

/** Share of the worst cell from which its neighbours belong to the same place. */
const PLACE_SHARE = 0.75;

/**
 * The worst place of a heatmap in which nothing reaches the level of a region, as {@link findRegions} has
 * it; the whole picture where all cells are alike.
 */
export function worstRegions(
  heatmap: ArrayLike<number>,
  grid: Grid,
  source: { readonly width: number; readonly height: number },
): Region[] {
  const level = PLACE_SHARE * mapMaximum(heatmap);
  return findRegions(heatmap, grid, level, source).slice(0, 1);
}
