import { unbroken } from '../datasets/clip.ts';
import { averagePrecision, equalErrorRate, rocAuc } from './ranking.ts';

/** A clip with its truth and its scores, one of each a frame. */
export interface ScoredClip {
  readonly name: string;
  readonly fps: number;
  /** 1 = anomalous; `undefined` where the data set has no labels. */
  readonly labels: ArrayLike<number> | undefined;
  /** Smoothed causally, as a camera gets it. */
  readonly score: ArrayLike<number>;
  /** Not smoothed. */
  readonly raw: ArrayLike<number>;
  /** The paper's weighted PSNR, negated, neither smoothed nor normalised. */
  readonly paperScore: ArrayLike<number>;
  /** The same with the pace head in the motion error; undefined of a model without one. */
  readonly paperPaceScore: ArrayLike<number> | undefined;
  /** Frames at the start, and after each gap, that no score could be made of; they take the next one. */
  readonly warmUp: number;
  /** Frames that do not follow the one before: the recording has a gap there. */
  readonly gaps?: readonly number[] | undefined;
}

/** Frame-level figures of one protocol; null where there are no labels or a class is missing. */
export interface ProtocolFigures {
  /** All frames of all clips in one ranking. */
  readonly microAuc: number | null;
  /** Mean over the clips that have both classes. */
  readonly macroAuc: number | null;
  readonly averagePrecision: number | null;
  /** Equal error rate. */
  readonly eer: number | null;
}

/** The protocols, always reported side by side, in this order. */
export interface Protocols {
  /** No normalisation over the test, causal smoothing: what a camera gets. */
  readonly live: ProtocolFigures;
  /** No normalisation and no smoothing. */
  readonly raw: ProtocolFigures;
  /**
   * The paper's score of the paper's parts alone, min-max within each clip, then
   * {@link centredGaussian}: comparable with published tables.
   */
  readonly paper: ProtocolFigures;
  /** The same with the pace head in the motion error; all null of a model without one. */
  readonly paperPace: ProtocolFigures;
  /**
   * `paper` without the min-max: "normalisation across the entire test sequence", read as over the
   * whole test set, changes no ranking.
   */
  readonly paperWholeSet: ProtocolFigures;
}

/** Frames that a score could be made of, without those of the warm-up. */
export interface AfterWarmUp {
  /** Frames of the warm-up, over all clips. */
  readonly frames: number;
  /** `live` over the other frames. */
  readonly liveWithout: ProtocolFigures;
}

/** The kernel of the `paper` protocol, in frames. */
export const paperKernel = { sigma: 10, radius: 40 } as const;

/** All protocols over clips with labels. @throws RangeError where lengths differ or a score is NaN. */
export function protocols(clips: readonly ScoredClip[]): Protocols {
  const figures = (series: (clip: ScoredClip) => ArrayLike<number> | undefined) =>
    protocolFigures(
      clips.flatMap((clip) => {
        const scores = series(clip);
        return scores ? [{ labels: clip.labels, scores }] : [];
      }),
    );
  return {
    live: figures((clip) => clip.score),
    raw: figures((clip) => clip.raw),
    paper: figures(({ paperScore, gaps }) => centredGaussian(minMax(paperScore), gaps)),
    paperPace: figures(
      ({ paperPaceScore, gaps }) => paperPaceScore && centredGaussian(minMax(paperPaceScore), gaps),
    ),
    paperWholeSet: figures(({ paperScore, gaps }) => centredGaussian(paperScore, gaps)),
  };
}

/** The `live` protocol without the frames of the warm-up, which a live camera gets no score for. */
export function afterWarmUp(clips: readonly ScoredClip[]): AfterWarmUp {
  const without = (series: ArrayLike<number>, clip: ScoredClip) =>
    unbroken(clip, 0, series.length).flatMap(({ start, end }) =>
      Array.from(series).slice(start + clip.warmUp, end),
    );
  const rest = clips.map((clip) => ({
    labels: clip.labels && without(clip.labels, clip),
    scores: without(clip.score, clip),
  }));
  const all = clips.reduce((sum, { score }) => sum + score.length, 0);
  return {
    frames: all - rest.reduce((sum, { scores }) => sum + scores.length, 0),
    liveWithout: protocolFigures(rest),
  };
}

function protocolFigures(
  clips: readonly { labels: ArrayLike<number> | undefined; scores: ArrayLike<number> }[],
): ProtocolFigures {
  const scores: number[] = [];
  const labels: number[] = [];
  const aucs: number[] = [];
  for (const clip of clips) {
    if (clip.labels === undefined) continue;
    const auc = rocAuc(clip.scores, clip.labels);
    if (auc !== null) aucs.push(auc);
    for (let i = 0; i < clip.scores.length; i++) {
      scores.push(clip.scores[i]!);
      labels.push(clip.labels[i]!);
    }
  }
  return {
    microAuc: rocAuc(scores, labels),
    macroAuc: aucs.length > 0 ? aucs.reduce((a, b) => a + b, 0) / aucs.length : null,
    averagePrecision: averagePrecision(scores, labels),
    eer: equalErrorRate(scores, labels),
  };
}

/** Scaled to [0, 1]; zeros where all values are the same. */
export function minMax(values: ArrayLike<number>): Float64Array {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  const range = high > low ? high - low : 1;
  return Float64Array.from(values, (value) => (value - low) / range);
}

/**
 * Smoothed by a Gaussian of {@link paperKernel}, taps at whole frames from -radius to radius;
 * at the ends the taps that are left share the whole weight. A gap is an end.
 * @param gaps frames that do not follow the one before
 */
export function centredGaussian(
  values: ArrayLike<number>,
  gaps: readonly number[] = [],
): Float64Array {
  const { sigma, radius } = paperKernel;
  const taps = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const smooth = new Float64Array(values.length);
  for (const { start, end } of unbroken({ gaps }, 0, values.length))
    for (let centre = start; centre < end; centre++) {
      let sum = 0;
      let weight = 0;
      const last = Math.min(end - 1, centre + radius);
      for (let i = Math.max(start, centre - radius); i <= last; i++) {
        const tap = taps[i - centre + radius]!;
        sum += tap * values[i]!;
        weight += tap;
      }
      smooth[centre] = sum / weight;
    }
  return smooth;
}
