import { z } from 'zod';
import type { Branch } from '../model/configuration.ts';
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
import { combinations, combined } from './combination.ts';
import { localRarities } from './heatmap.ts';
import { notFinite } from './not-finite.ts';
import { rarity } from './rarity.ts';
import { CurrentStatistics } from './recent.ts';
import { CausalBox } from './smoothing.ts';
import type { BranchStatistics, NormalStatistics } from './statistics.ts';

/** Settings of the scoring. Part of `model.json`. */
export const scoringSettings = z.strictObject({
  /** Sizes of the blocks whose worst error counts, in cells. */
  blockSizes: z.array(z.int().positive()).min(1).readonly(),
  /** Frames of the causal smoothing. */
  window: z.int().positive(),
  /**
   * How the rarities of the maps are combined: the largest, or in models from before 0.2 the sum. Ordinary
   * activity is a little rare in every map, so its sum can be as large as that of an anomaly that is very
   * rare in one.
   */
  combination: z.enum(combinations).default('sum'),
  /** Local rarity, combined over the maps, from which a cell belongs to a region. */
  regionLevel: z.number(),
});
export type ScoringSettings = Readonly<z.infer<typeof scoringSettings>>;

/**
 * Two and four cells of 8 pixels are a far and a near person at 256x256; ten frames are a third
 * of a second to two seconds.
 */
export const defaultScoring: ScoringSettings = {
  blockSizes: [2, 4],
  window: 10,
  combination: 'largest',
  regionLevel: 4,
};

/** The settings that a {@link StreamScorer} needs. */
export type StreamSettings = Pick<ScoringSettings, 'window' | 'combination'>;

/** Share of the frame's PSNR in the paper's score; the paper's own value is not known. */
const paperAlpha = 0.5;

/** Scores of one frame; larger is more abnormal. */
export interface FrameScore {
  /** The larger of `appearance` and `motion`, or their sum, see `combination`. */
  readonly score: number;
  /**
   * Part of each decoder: mean rarity over the block sizes, smoothed; 0 if it is off. The pace head's is
   * combined with the motion decoder's.
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
  /** The same with `expectedMotion`; undefined without a pace head. */
  readonly paperPaceScore: number | undefined;
  /** Local rarity of each cell, `[grid.height, grid.width]`, smoothed as the score is. */
  readonly heatmap: Float32Array;
  readonly grid: Grid;
}

/** Scores the frames of one stream in order. Its state is bounded: a window of numbers and maps, and one mean. */
export class StreamScorer {
  readonly #statistics: CurrentStatistics;
  readonly #settings: StreamSettings;
  #parts: CausalBox;
  #heatmaps: CausalBox;
  #last: FrameScore | undefined;

  constructor(statistics: NormalStatistics, settings: StreamSettings) {
    this.#statistics = new CurrentStatistics(statistics);
    this.#settings = settings;
    this.#parts = new CausalBox(settings.window);
    this.#heatmaps = new CausalBox(settings.window);
  }

  /** What is normal for the next frame. */
  get statistics(): NormalStatistics {
    return this.#statistics.value;
  }

  /** Restarts the smoothing at a break in the stream; the recent rarity is kept. */
  interrupt(): void {
    this.#parts = new CausalBox(this.#settings.window);
    this.#heatmaps = new CausalBox(this.#settings.window);
    this.#last = undefined;
  }

  /**
   * The next frame's score.
   * @throws UserError where the errors are not finite
   * @throws RangeError where they do not fit the statistics
   */
  push(errors: CellErrors): FrameScore {
    const { combination } = this.#settings;
    const { statistics } = this;
    const raw = this.#partsOf(errors);
    const on = Object.keys(raw) as Branch[];
    const smoothed = [...this.#parts.push(Object.values(raw))];
    const parts: Partial<Record<Branch, number>> = Object.fromEntries(
      on.map((branch, i) => [branch, smoothed[i]!]),
    );
    this.#last = {
      score: combined(smoothed, combination),
      appearance: parts.appearance ?? 0,
      motion: parts.motion ?? 0,
      raw: combined(Object.values(raw), combination),
      paperScore: paperScore(errors.appearance, errors.motion),
      paperPaceScore: errors.expectedMotion && paperScore(errors.appearance, errors.expectedMotion),
      heatmap: Float32Array.from(
        this.#heatmaps.push(localRarities(errors, statistics, combination)),
      ),
      grid: errors.grid,
    };
    this.#statistics.push(errors);
    return this.#last;
  }

  #partsOf(errors: CellErrors): Partial<Record<Branch, number>> {
    const parts: Partial<Record<Branch, number>> = {};
    for (const [kind, value] of Object.entries(mapRarities(errors, this.statistics))) {
      const branch = shareOf[kind as ErrorKind];
      const other = parts[branch];
      parts[branch] =
        other === undefined ? value : combined([other, value], this.#settings.combination);
    }
    return parts;
  }

  /**
   * Replaces {@link push} for frames without errors.
   * @returns the score of the frame before; `undefined` in the warm-up
   */
  repeat(): FrameScore | undefined {
    return this.#last;
  }
}

/**
 * The rarity of each map that counts in the score, before smoothing.
 * @throws UserError where the errors are not finite
 * @throws RangeError where they do not fit the statistics
 */
export function mapRarities(
  errors: CellErrors,
  statistics: NormalStatistics,
): Partial<Record<ErrorKind, number>> {
  const rarities: Partial<Record<ErrorKind, number>> = {};
  for (const kind of errorKinds) {
    const normal = statistics[kind];
    if (!normal) continue;
    const map = errors[kind];
    if (!map) throw new RangeError(`there are statistics of ${kind}, but no errors`);
    if (!Number.isFinite(mapMean(map))) throw notFinite(kind);
    rarities[kind] = meanRarity(normal, map, errors.grid);
  }
  return rarities;
}

/** Mean over the block sizes of the rarity of the worst block. */
function meanRarity({ blocks }: BranchStatistics, map: Float32Array, grid: Grid): number {
  let sum = 0;
  for (const { size, ...spread } of blocks)
    sum += rarity(spread, maximumBlockDecibels(map, grid, size));
  return sum / blocks.length;
}

/** Both PSNRs, weighted and negated; a decoder that is off counts 0. */
function paperScore(frame: Float32Array | undefined, motion: Float32Array | undefined): number {
  const quality = (map: Float32Array | undefined) => (map ? psnr(mapMean(map)) : 0);
  return -(paperAlpha * quality(frame) + (1 - paperAlpha) * quality(motion));
}

/**
 * Scores a whole clip with {@link StreamScorer}, one result a frame. `undefined` errors are either a
 * warm-up frame, which gets the first computed score, or a corrupt one, which gets the previous score.
 * @throws RangeError where no frame has errors.
 */
export function scoreClip(
  errors: Iterable<CellErrors | undefined>,
  statistics: NormalStatistics,
  settings: StreamSettings,
): FrameScore[] {
  const scorer = new StreamScorer(statistics, settings);
  const scores: (FrameScore | undefined)[] = [];
  for (const frame of errors)
    scores.push(frame === undefined ? scorer.repeat() : scorer.push(frame));
  return fillWarmUp(scores);
}

/**
 * Fills frames without a score from the next one that has one, or the last one, since every frame counts
 * in the evaluation.
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
