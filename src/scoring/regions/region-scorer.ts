import { type CellErrors, errorKinds, type Grid } from '../blocks.ts';
import { type FrameScore, StreamScorer, type StreamSettings } from '../score.ts';
import type { NormalStatistics } from '../statistics.ts';
import { cellsOf, isUncounted, type PictureRegion } from './regions.ts';

/** What one frame scores where regions are drawn. */
export interface RegionScore {
  /** Of everything that counts. */
  readonly counted: FrameScore;
  /** With zones whose alarms are off; the same object where there are none. */
  readonly seen: FrameScore;
}

/**
 * Errors that count as none in some cells: blocks within them are as rare as nothing, blocks across their
 * edge as rare as what lies outside.
 * @param cells 1 for each cell that does not count `[height, width]`
 */
export function withoutCells(errors: CellErrors, cells: Uint8Array | undefined): CellErrors {
  if (!cells) return errors;
  const left: Partial<Record<string, Float32Array>> = {};
  for (const kind of errorKinds) {
    const map = errors[kind];
    if (map) left[kind] = map.map((error, cell) => (cells[cell] === 1 ? 0 : error));
  }
  return { ...left, grid: errors.grid };
}

/** {@link withoutCells} for frames of one grid, by what counts in no score. */
export function countedErrors(
  errors: readonly CellErrors[],
  regions: readonly PictureRegion[],
): readonly CellErrors[] {
  const [first] = errors;
  const cells = first && cellsOf(regions.filter(isUncounted), first.grid);
  return errors.map((frame) => withoutCells(frame, cells));
}

/**
 * Scores the frames of one stream where regions are drawn. The regions may change between two frames;
 * the smoothing goes on.
 */
export class RegionScorer {
  readonly #counted: StreamScorer;
  readonly #seen: StreamScorer;
  #regions: readonly PictureRegion[];
  #masks: Masks | undefined;

  constructor(
    statistics: NormalStatistics,
    settings: StreamSettings,
    regions: readonly PictureRegion[] = [],
  ) {
    this.#counted = new StreamScorer(statistics, settings);
    this.#seen = new StreamScorer(statistics, settings);
    this.#regions = regions;
  }

  set regions(regions: readonly PictureRegion[]) {
    this.#regions = regions;
    this.#masks = undefined;
  }

  /** What is normal for the next frame, by what counts. */
  get statistics(): NormalStatistics {
    return this.#counted.statistics;
  }

  /** See {@link StreamScorer.interrupt}. */
  interrupt(): void {
    this.#counted.interrupt();
    this.#seen.interrupt();
  }

  /** See {@link StreamScorer.push}. */
  push(errors: CellErrors): RegionScore {
    this.#masks ??= masksOf(this.#regions, errors.grid);
    const { uncounted, ignored, silent } = this.#masks;
    const counted = this.#counted.push(withoutCells(errors, uncounted));
    return { counted, seen: silent ? this.#seen.push(withoutCells(errors, ignored)) : counted };
  }
}

interface Masks {
  readonly uncounted: Uint8Array | undefined;
  readonly ignored: Uint8Array | undefined;
  /** Whether some zone is seen and does not count. */
  readonly silent: boolean;
}

function masksOf(regions: readonly PictureRegion[], grid: Grid): Masks {
  const uncounted = regions.filter(isUncounted);
  const ignored = uncounted.filter(({ kind }) => kind === 'ignore');
  return {
    uncounted: cellsOf(uncounted, grid),
    ignored: cellsOf(ignored, grid),
    silent: ignored.length < uncounted.length,
  };
}
