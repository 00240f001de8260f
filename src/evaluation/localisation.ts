import { type Grid, mapMaximum } from '../scoring/blocks.ts';
import { findRegions } from '../scoring/heatmap.ts';
import { areaUnderRoc, rankingCurve } from './ranking.ts';
import { overlap, type TruthRegion, TruthTracker } from './truth-regions.ts';

/** How well the heatmap says where; null where no mask marks anything, or (pixels) everything. */
export interface Localisation {
  /** ROC AUC over all pixels of all frames, each with the value of its cell. */
  readonly pixelAuc: number | null;
  /** Region-based detection criterion. */
  readonly rbdc: number | null;
  /** Track-based detection criterion. */
  readonly tbdc: number | null;
}

/** A detection and a true region are the same from this intersection over union on. */
const smallestOverlap = 0.1;
/** A track is detected from this share of its regions on. */
const smallestTrackShare = 0.1;
/** How many levels of the heatmap the curve is drawn through. */
const sweepLevels = 60;
/** Local rarities are resolved to a thousandth, which bounds the memory of any test. */
const stepsPerUnit = 1000;

interface MeasuredFrame {
  readonly heatmap: Float32Array;
  readonly maximum: number;
  readonly grid: Grid;
  readonly size: { readonly width: number; readonly height: number };
  readonly truth: readonly TruthRegion[];
}

interface CellCounts {
  cells: number;
  positives: number;
  negatives: number;
}

/**
 * Gathers frames with heatmap and pixel truth, clip by clip. RBDC and TBDC are Ramachandra and
 * Jones, "Street Scene" (WACV 2020), section 4: the share of true regions (tracks) that are
 * detected against detections that are none a frame, as the area up to one such a frame. Here the
 * true regions and tracks are those of {@link TruthTracker}, regions are compared by their boxes,
 * and the curve is followed from the highest level of the heatmap down, through 60 levels spaced
 * evenly in the logarithm of how many cells they leave, until it passes one a frame; neither side
 * of it may fall on the way, and if it ends earlier its last share holds.
 */
export class LocalisationMeter {
  readonly #frames: MeasuredFrame[] = [];
  readonly #tracker = new TruthTracker();
  readonly #counts = new Map<number, CellCounts>();

  /** Call before the first frame of every clip. */
  startClip(): void {
    this.#tracker.startClip();
  }

  /**
   * @param heatmap `[grid.height, grid.width]`
   * @param mask `[size.height, size.width]`, not 0 = anomalous; on the whole picture, as the heatmap is
   * @throws RangeError where a size does not fit or the heatmap is not finite.
   */
  push(
    heatmap: Float32Array,
    grid: Grid,
    mask: Uint8Array,
    size: { readonly width: number; readonly height: number },
  ): void {
    if (heatmap.length !== grid.width * grid.height)
      throw new RangeError(`a heatmap of ${heatmap.length} cells on ${grid.width}x${grid.height}`);
    const truth = this.#tracker.push(mask, size.width, size.height);
    this.#count(heatmap, grid, mask, size);
    this.#frames.push({ heatmap, maximum: mapMaximum(heatmap), grid, size, truth });
  }

  #count(
    heatmap: Float32Array,
    grid: Grid,
    mask: Uint8Array,
    size: { readonly width: number; readonly height: number },
  ): void {
    const columns = cellsOfPixels(size.width, grid.width);
    const rows = cellsOfPixels(size.height, grid.height);
    const marked = new Uint32Array(heatmap.length);
    for (let y = 0, pixel = 0; y < size.height; y++)
      for (let x = 0; x < size.width; x++, pixel++)
        if (mask[pixel] !== 0) marked[rows.cellOf[y]! * grid.width + columns.cellOf[x]!]!++;
    for (const [cell, value] of heatmap.entries()) {
      if (!Number.isFinite(value)) throw new RangeError('a heatmap is not finite');
      const step = Math.round(value * stepsPerUnit);
      const counts = this.#counts.get(step) ?? { cells: 0, positives: 0, negatives: 0 };
      counts.cells++;
      const column = cell % grid.width;
      const pixels = columns.pixels[column]! * rows.pixels[(cell - column) / grid.width]!;
      counts.positives += marked[cell]!;
      counts.negatives += pixels - marked[cell]!;
      this.#counts.set(step, counts);
    }
  }

  /** The figures over all frames so far. */
  figures(): Localisation {
    const counts = [...this.#counts.values()];
    const pixels = rankingCurve(
      [...this.#counts.keys()],
      counts.map(({ positives }) => positives),
      counts.map(({ negatives }) => negatives),
    );
    return { pixelAuc: areaUnderRoc(pixels), ...this.#regionFigures() };
  }

  #regionFigures(): { rbdc: number | null; tbdc: number | null } {
    const regionsOfTrack = new Uint32Array(this.#tracker.tracks);
    for (const { truth } of this.#frames) for (const { track } of truth) regionsOfTrack[track]!++;
    const total = regionsOfTrack.reduce((a, b) => a + b, 0);
    if (total === 0) return { rbdc: null, tbdc: null };
    const byRegion: CurvePoint[] = [];
    const byTrack: CurvePoint[] = [];
    for (const level of this.#levels()) {
      const { falseDetections, foundOfTrack } = this.#detections(level);
      const falseRate = falseDetections / this.#frames.length;
      const found = foundOfTrack.reduce((a, b) => a + b, 0);
      const tracks = foundOfTrack.filter(
        (count, track) => count > 0 && count >= smallestTrackShare * regionsOfTrack[track]!,
      );
      byRegion.push({ falseRate, share: found / total });
      byTrack.push({ falseRate, share: tracks.length / regionsOfTrack.length });
      if (falseRate >= 1) break;
    }
    return { rbdc: areaUpToOne(byRegion), tbdc: areaUpToOne(byTrack) };
  }

  /** Levels of the heatmap from its maximum down to its median. */
  #levels(): number[] {
    const steps = [...this.#counts.keys()].sort((a, b) => b - a);
    let cells = 0;
    for (const { cells: count } of this.#counts.values()) cells += count;
    const levels: number[] = [];
    let above = 0;
    for (const step of steps) {
      above += this.#counts.get(step)!.cells;
      const wanted = (cells / 2) ** (levels.length / (sweepLevels - 1));
      if (above < wanted) continue;
      levels.push((step - 0.5) / stepsPerUnit);
      if (levels.length === sweepLevels) break;
    }
    return levels;
  }

  #detections(level: number): { falseDetections: number; foundOfTrack: Uint32Array } {
    const foundOfTrack = new Uint32Array(this.#tracker.tracks);
    let falseDetections = 0;
    for (const { heatmap, maximum, grid, size, truth } of this.#frames) {
      if (maximum < level) continue;
      const regions = findRegions(heatmap, grid, level, size);
      const same = regions.map((region) => truth.map((t) => overlap(region, t) >= smallestOverlap));
      falseDetections += same.filter((matches) => !matches.includes(true)).length;
      for (const [i, { track }] of truth.entries())
        if (same.some((matches) => matches[i])) foundOfTrack[track]!++;
    }
    return { falseDetections, foundOfTrack };
  }
}

/** Along one side of the picture: the cell of each pixel, and how many pixels each cell has. */
function cellsOfPixels(
  pixels: number,
  cells: number,
): { readonly cellOf: Uint32Array; readonly pixels: Uint32Array } {
  const cellOf = Uint32Array.from({ length: pixels }, (_, i) => Math.floor((i * cells) / pixels));
  const counts = new Uint32Array(cells);
  for (const cell of cellOf) counts[cell]!++;
  return { cellOf, pixels: counts };
}

interface CurvePoint {
  readonly falseRate: number;
  readonly share: number;
}

/** Area under the rising curve from (0, 0), straight between its points, up to a false rate of 1. */
function areaUpToOne(points: readonly CurvePoint[]): number {
  let area = 0;
  let before: CurvePoint = { falseRate: 0, share: 0 };
  for (const point of [...points, { falseRate: 1, share: 0 }]) {
    const next = {
      falseRate: Math.max(before.falseRate, point.falseRate),
      share: Math.max(before.share, point.share),
    };
    const width = next.falseRate - before.falseRate;
    const inside = Math.min(1, next.falseRate) - before.falseRate;
    if (inside > 0) {
      const end = before.share + ((next.share - before.share) * inside) / width;
      area += (inside * (before.share + end)) / 2;
    }
    before = next;
  }
  return area;
}
