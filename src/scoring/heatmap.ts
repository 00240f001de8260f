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

/** An abnormal part of the picture, in pixels of the source. */
export interface Region extends Box {
  /** Largest local rarity within it. */
  readonly score: number;
}

/**
 * Local rarity of each cell before smoothing: the rarity of the worst of the smallest blocks that cover it,
 * relative to the worst blocks of normal frames, clipped at 0 and combined over the kinds of errors. 0 is
 * thus no worse than the worst place of an ordinary frame. Clipping keeps a quiet past from averaging
 * away an anomaly in the smoothing.
 *
 * The worst block rather than a centred one: blocks of even size have no centre cell, and the maximum of
 * a decoder's map then equals its part of the frame's score. Anomalies appear at most `size - 1` cells
 * larger on each side.
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

/** Largest of the blocks that cover each cell: `[height, width]`. */
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

/** Share of the worst cell's value from which its neighbours belong to the same region. */
const PLACE_SHARE = 0.75;

/**
 * The worst region of a heatmap in which nothing reaches the region level, as {@link findRegions} would
 * give it; the whole picture where all cells are equal.
 */
export function worstRegions(
  heatmap: ArrayLike<number>,
  grid: Grid,
  source: { readonly width: number; readonly height: number },
): Region[] {
  const level = PLACE_SHARE * mapMaximum(heatmap);
  return findRegions(heatmap, grid, level, source).slice(0, 1);
}
