import { openClips } from '../datasets/cache.ts';
import { type Clip, unbroken } from '../datasets/clip.ts';
import { clipFrames } from '../datasets/clip-frames.ts';
import type { Dataset, TestingClip } from '../datasets/layout.ts';
import { readMask } from '../datasets/mask.ts';
import { readDatasets } from '../datasets/several.ts';
import { loadModel, type Model } from '../detector/model.ts';
import { tooShort } from '../detector/score.ts';
import { UserError } from '../errors.ts';
import { checkOptions, untilAborted } from '../options.ts';
import { type FrameScore, fillWarmUp, StreamScorer } from '../scoring/score.ts';
import { version } from '../version.ts';
import { type Localisation, LocalisationMeter } from './localisation.ts';
import { lastInner, lossTerms, modelFacts } from './model-facts.ts';
import { type Operations, operations } from './operations.ts';
import { evaluateOptions } from './options.ts';
import {
  type AfterWarmUp,
  afterWarmUp,
  type Protocols,
  protocols,
  type ScoredClip,
} from './protocols.ts';
import type { ReportClip, ReportPeak } from './report/data.ts';
import { peakFrames } from './report/peaks.ts';
import { checkReportFolder, writeReport } from './report/report.ts';

/** What an evaluation finds; `null` where the data set lacks masks or labels. */
export interface Evaluation {
  readonly dataset: string;
  readonly frames: number;
  readonly anomalousFrames: number | null;
  /** Seed of the model's training. */
  readonly seed: number;
  readonly labelSource: string | null;
  readonly protocols: Protocols;
  readonly warmUp: AfterWarmUp;
  readonly localisation: Localisation;
  readonly operations: Operations;
  /** Frames scored a second, reading decoded frames included. */
  readonly framesPerSecond: number;
}

export interface EvaluateOptions {
  /** Folder for the report, one HTML page; it must be new, empty, or hold an earlier report. */
  readonly report?: string | undefined;
  /** Frames a second of clips that have none. */
  readonly fps?: number | undefined;
  /** Gives up at the next frame, with the signal's reason; nothing half-written is left. */
  readonly signal?: AbortSignal | undefined;
  readonly onDecode?: ((done: number, total: number, clip: string) => void) | undefined;
  readonly onScoring?: ((done: number, total: number, clip: string) => void) | undefined;
  /** Told about each clip with frames that could not be decoded: the frame before stands in. */
  readonly onCorrupt?: ((clip: Clip) => void) | undefined;
}

/** One testing clip, scored. */
interface MeasuredClip extends ScoredClip, ReportClip {}

/**
 * Scores the testing clips of a data set by all protocols. Clips without labels are scored but count
 * in no figure that needs them.
 *
 *     const { protocols } = await evaluate('out/model', 'demo/upcam', { report: 'out/report' });
 *     console.log(protocols.live.microAuc);
 *
 * @param model a loaded one, or its folder
 * @param data a data set folder with testing clips, or several, whose clips are evaluated as one
 * @throws UserError on a bad model or bad data, or when the report cannot be written.
 */
export async function evaluate(
  model: Model | string,
  data: string | readonly string[],
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  checkOptions(evaluateOptions, options, 'evaluate');
  const { report, signal } = options;
  signal?.throwIfAborted();
  if (report !== undefined) await checkReportFolder(report);
  const dataset = await readDatasets(data);
  if (dataset.testing.length === 0)
    throw new UserError(
      `${dataset.path}: has no testing clips; put them into testing/frames/<clip>/ or testing/videos/`,
    );
  const loaded = typeof model === 'string' ? await loadModel(model) : model;
  try {
    return await evaluateDataset(loaded, dataset, options);
  } finally {
    if (typeof model === 'string') await loaded.release();
  }
}

async function evaluateDataset(
  model: Model,
  dataset: Dataset,
  options: EvaluateOptions,
): Promise<Evaluation> {
  const { signal, report } = options;
  const { detector, description } = model;
  const clips = await openClips(dataset.testing, detector.format, {
    fps: options.fps,
    onProgress: untilAborted(signal, options.onDecode),
  });
  try {
    for (const clip of clips) {
      if (clip.frames < detector.clipLength)
        throw tooShort(clip.path, clip.frames, detector.clipLength);
      if (clip.corrupt.length > 0) options.onCorrupt?.(clip);
    }
    const frames = clips.reduce((sum, clip) => sum + clip.frames, 0);
    const meter = new LocalisationMeter();
    const measured: MeasuredClip[] = [];
    let done = 0;
    let seconds = 0;
    for (const [i, clip] of clips.entries()) {
      const started = performance.now();
      const scores = await scoreClip(model, clip, () => {
        signal?.throwIfAborted();
        options.onScoring?.(++done, frames, clip.name);
      });
      seconds += (performance.now() - started) / 1000;
      await locate(meter, scores, clip, dataset.testing[i]!);
      const peaks = report === undefined ? [] : await peaksOf(scores, clip);
      measured.push(measure(scores, clip, dataset.testing[i]!, detector.clipLength - 1, peaks));
    }
    const labels = measured.flatMap((clip) => (clip.labels ? [Array.from(clip.labels)] : []));
    const facts = {
      frames,
      anomalousFrames:
        labels.length > 0 ? labels.flat().filter((label) => label === 1).length : null,
      labelSource: labels.length > 0 ? (dataset.labelSource ?? 'labels/frame_labels.json') : null,
    };
    const figures = {
      protocols: protocols(measured),
      warmUp: afterWarmUp(measured),
      localisation: meter.figures(),
      operations: operations(measured, description.threshold.threshold),
      framesPerSecond: frames / seconds,
    };
    if (report !== undefined)
      await writeReport(report, {
        version,
        model: modelFacts(model.name, description),
        dataset: { name: dataset.name, ...facts },
        ...figures,
        threshold: description.threshold,
        scoring: description.scoring,
        losses: lossTerms(description),
        inner: lastInner(description),
        clips: measured,
      });
    const { frames: count, anomalousFrames, labelSource } = facts;
    return {
      dataset: dataset.name,
      frames: count,
      anomalousFrames,
      seed: description.provenance.seed,
      labelSource,
      ...figures,
    };
  } finally {
    await Promise.all(clips.map((clip) => clip.close()));
  }
}

async function scoreClip(model: Model, clip: Clip, onFrame: () => void): Promise<FrameScore[]> {
  const { statistics, scoring } = model.description;
  const scores: (FrameScore | undefined)[] = [];
  for (const { start, end } of unbroken(clip, 0, clip.frames)) {
    const scorer = new StreamScorer(statistics, scoring);
    for await (const errors of model.detector.errors(clipFrames(clip, start, end))) {
      scores.push(errors && scorer.push(errors));
      onFrame();
    }
  }
  return fillWarmUp(scores);
}

/** Compares the heatmaps with the masks, if there are any. */
async function locate(
  meter: LocalisationMeter,
  scores: readonly FrameScore[],
  clip: Clip,
  { masks }: TestingClip,
): Promise<void> {
  if (!masks) return;
  meter.startClip();
  for (const [frame, path] of masks.entries()) {
    const { heatmap, grid } = scores[frame]!;
    meter.push(heatmap, grid, await readMask(path, clip.source), clip.source);
  }
}

/** The series of a clip, and what the report shows of it. The heatmaps of all frames are let go. */
function measure(
  scores: readonly FrameScore[],
  clip: Clip,
  { labels }: TestingClip,
  warmUp: number,
  peaks: readonly ReportPeak[],
): MeasuredClip {
  const series = (of: (frame: FrameScore) => number) => Float64Array.from(scores, of);
  return {
    name: clip.name,
    fps: clip.fps,
    gaps: clip.gaps,
    labels: labels ?? undefined,
    score: series((frame) => frame.score),
    raw: series((frame) => frame.raw),
    paperScore: series((frame) => frame.paperScore),
    paperPaceScore:
      scores[0]!.paperPaceScore === undefined
        ? undefined
        : series((frame) => frame.paperPaceScore!),
    warmUp,
    appearance: series((frame) => frame.appearance),
    motion: series((frame) => frame.motion),
    peaks,
  };
}

/** The highest scores of a clip, with their pictures. */
async function peaksOf(scores: readonly FrameScore[], clip: Clip): Promise<ReportPeak[]> {
  const peaks: ReportPeak[] = [];
  const highest = peakFrames(
    Float64Array.from(scores, ({ score }) => score),
    clip.fps,
  );
  for (const frame of highest) {
    const { heatmap, grid } = scores[frame]!;
    const picture = { format: clip.format, data: await clip.read(frame, 1) };
    peaks.push({ frame, picture, source: clip.source, heatmap, grid });
  }
  return peaks;
}
