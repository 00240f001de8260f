import {
  type CellErrors,
  type ErrorKind,
  errorKinds,
  type Grid,
  mapMean,
  maximumBlockDecibels,
  psnr,
  shareOf,
} from './blocks.ts';
import { localRarities } from './heatmap.ts';
import { notFinite } from './not-finite.ts';
import { rarity } from './rarity.ts';
import { CausalBox } from './smoothing.ts';
import type { NormalStatistics } from './statistics.ts';

/** How errors become a score. */
export interface ScoringSettings {
  /** Sizes of the blocks whose worst error counts, in cells. */
  readonly blockSizes: readonly number[];
  /** Frames of the causal smoothing. */
  readonly window: number;
  /** Local rarity (summed over the kinds of errors) from which a cell belongs to a region. */
  readonly regionLevel: number;
}

/**
 * Two and four cells of 8 pixels are a far and a near person at 256x256; ten frames are a third
 * of a second to two seconds.
 */
export const defaultScoring: ScoringSettings = { blockSizes: [2, 4], window: 10, regionLevel: 4 };

/** Share of the frame's PSNR in the paper's score; the paper's own value is not known. */
export const paperAlpha = 0.5;

/** The share of each kind's PSNR in it. */
const paperShare = { appearance: paperAlpha, motion: 1 - paperAlpha, pace: 0 } as const;

/** What one frame scores. All are larger where it is less normal. */
export interface FrameScore {
  /** `appearance + motion`. */
  readonly score: number;
  /**
   * The share of each decoder: its mean rarity over the block sizes, smoothed; 0 if it is off. That of the
   * pace counts to `motion`.
   */
  readonly appearance: number;
  readonly motion: number;
  /** `score` without smoothing. */
  readonly raw: number;
  /**
   * -(alpha PSNR_frame + (1 - alpha) PSNR_motion), not smoothed, not normalised: the score of
   * M2S2L (arXiv 2511.05564) before its min-max over the sequence. A decoder that is off counts 0.
   */
  readonly paperScore: number;
  /** Local rarity of each cell, `[grid.height, grid.width]`, smoothed as the score is. */
  readonly heatmap: Float32Array;
  readonly grid: Grid;
}

/** Scores the frames of one stream in order. Its state is bounded: a window of numbers and maps. */
export class StreamScorer {
  readonly #statistics: NormalStatistics;
  readonly #parts: CausalBox;
  readonly #heatmaps: CausalBox;
  #last: FrameScore | undefined;

  constructor(statistics: NormalStatistics, settings: Pick<ScoringSettings, 'window'>) {
    this.#statistics = statistics;
    this.#parts = new CausalBox(settings.window);
    this.#heatmaps = new CausalBox(settings.window);
  }

  /**
   * The next frame's score.
   * @throws UserError where the errors are not finite
   * @throws RangeError where they do not fit the statistics
   */
  push(errors: CellErrors): FrameScore {
    const raw = { appearance: 0, motion: 0 };
    let quality = 0;
    for (const kind of errorKinds) {
      const map = errors[kind];
      if ((map === undefined) !== (this.#statistics[kind] === null))
        throw new RangeError(`${kind} errors and statistics: one is there without the other`);
      if (map === undefined) continue;
      const mean = mapMean(map);
      if (!Number.isFinite(mean)) throw notFinite(kind);
      raw[shareOf[kind]] += this.#rarity(kind, map, errors.grid);
      quality += paperShare[kind] * psnr(mean);
    }
    const [appearance, motion] = this.#parts.push([raw.appearance, raw.motion]);
    this.#last = {
      score: appearance! + motion!,
      appearance: appearance!,
      motion: motion!,
      raw: raw.appearance + raw.motion,
      paperScore: -quality,
      heatmap: Float32Array.from(this.#heatmaps.push(localRarities(errors, this.#statistics))),
      grid: errors.grid,
    };
    return this.#last;
  }

  /**
   * Stands in for {@link push} where a frame has no errors of its own: the score of the frame
   * before, or `undefined` in the warm-up, when there is none yet.
   */
  repeat(): FrameScore | undefined {
    return this.#last;
  }

  /** Mean over the block sizes of the rarity of the worst block. */
  #rarity(kind: ErrorKind, map: Float32Array, grid: Grid): number {
    const { blocks } = this.#statistics[kind]!;
    let sum = 0;
    for (const { size, ...spread } of blocks)
      sum += rarity(spread, maximumBlockDecibels(map, grid, size));
    return sum / blocks.length;
  }
}

/**
 * Scores a whole clip: the loop of {@link StreamScorer}, one result a frame. `undefined` errors
 * are a warm-up frame, which takes the first computed score, or a corrupt one, which takes the
 * score before.
 * @throws RangeError where no frame has errors.
 */
export function scoreClip(
  errors: Iterable<CellErrors | undefined>,
  statistics: NormalStatistics,
  settings: Pick<ScoringSettings, 'window'>,
): FrameScore[] {
  const scorer = new StreamScorer(statistics, settings);
  const scores: (FrameScore | undefined)[] = [];
  for (const frame of errors)
    scores.push(frame === undefined ? scorer.repeat() : scorer.push(frame));
  return fillWarmUp(scores);
}

/**
 * Gives frames without a score the next one's, and those at the end the last, as the evaluation
 * wants it: every frame counts.
 * @throws RangeError where there is no score at all.
 */
export function fillWarmUp(scores: readonly (FrameScore | undefined)[]): FrameScore[] {
  let next = scores.findLast((score) => score !== undefined);
  if (next === undefined) throw new RangeError('no frame of the clip has a score');
  const filled = scores.toReversed().map((score) => {
    next = score ?? next!;
    return next;
  });
  return filled.reverse();
}
