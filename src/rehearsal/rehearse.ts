import { loadModel, type Model } from '../detector/model.ts';
import { UserError } from '../errors.ts';
import { Random } from '../nn/random.ts';
import { checkOptions } from '../options.ts';
import { BudgetedAlarms } from '../scoring/budget/alarms.ts';
import { BudgetKeeper } from '../scoring/budget/keeper.ts';
import { keeperStart } from '../scoring/budget/start.ts';
import { StreamScorer } from '../scoring/score.ts';
import type { Frame, VideoSource } from '../video/frame.ts';
import { openVideo } from '../video/open.ts';
import { stretches } from '../video/stretches.ts';
import { BlockDifference } from './block-difference.ts';
import { Drill } from './drill.ts';
import { figuresOf, type Rehearsal } from './figures.ts';
import { Insertions } from './insertions.ts';
import { rehearseOptions } from './options.ts';
import { passersOf } from './passers.ts';
import { Recording } from './recording.ts';

const SECOND = 1000;

export interface RehearseOptions {
  /** Default 24. */
  readonly alarmsPerDay?: number | undefined;
  /** Odd passers and objects that are put into the footage; default none. */
  readonly drill?: number | undefined;
  /** Of the drill; default 0. */
  readonly seed?: number | undefined;
  /** Frames a second of videos that tell none. */
  readonly fps?: number | undefined;
  /** Gives up at the next frame, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** @param share of all footage, 0 to 1 */
  readonly onProgress?: ((share: number, file: string) => void) | undefined;
  readonly onCorrupt?: ((file: string, frames: readonly number[]) => void) | undefined;
}

/**
 * Runs a model over footage in order, as the service would: what it would have alarmed on, at which
 * thresholds, and which share of odd things put into the footage it would have noticed.
 *
 *     const { alarmsPerDay, drill } = await rehearse('out/model', ['monday.mp4'], { drill: 50 });
 *
 * @param model a loaded one, or its folder
 * @param footage video files or folders of frames, one after another
 * @throws UserError on a bad model or bad footage.
 */
export async function rehearse(
  model: Model | string,
  footage: readonly string[],
  options: RehearseOptions = {},
): Promise<Rehearsal> {
  checkOptions(rehearseOptions, options, 'rehearse');
  options.signal?.throwIfAborted();
  if (footage.length === 0) throw new UserError('no footage to rehearse on');
  const loaded = typeof model === 'string' ? await loadModel(model) : model;
  try {
    return await rehearseWith(loaded, footage, options);
  } finally {
    if (typeof model === 'string') await loaded.release();
  }
}

async function rehearseWith(
  model: Model,
  footage: readonly string[],
  options: RehearseOptions,
): Promise<Rehearsal> {
  const { detector, description } = model;
  const { scoring, statistics } = description;
  const { alarmsPerDay = 24, drill: insertions = 0, signal, onProgress } = options;
  const videos: VideoSource[] = [];
  for (const path of footage)
    videos.push(await openVideo(path, detector.format, { fps: options.fps }));
  const total = videos.reduce((sum, video) => sum + secondsOf(video), 0);
  const drill =
    insertions > 0 ? await drillOf(model, footage, videos[0]!.fps, total, options) : undefined;

  const keeper = new BudgetKeeper(alarmsPerDay / 24, keeperStart(description.threshold));
  let alarmCount = 0;
  const alarms = new BudgetedAlarms(keeper, () => `${++alarmCount}`);
  const record = new Recording(keeper);
  const scorer = new StreamScorer(statistics, scoring);
  let start = 0;
  for (const video of videos) {
    scorer.interrupt();
    let difference = new BlockDifference(detector.format, scoring.window);
    let stretch: number | undefined;
    const corrupt: number[] = [];
    let scored = 0;
    let last = 0;
    for await (const { frame, errors } of withErrors(model, video)) {
      signal?.throwIfAborted();
      if (frame.corrupt) corrupt.push(frame.index);
      if (frame.stretch !== stretch && stretch !== undefined) {
        scorer.interrupt();
        difference = new BlockDifference(detector.format, scoring.window);
        const gap = start + SECOND * (last + 1 / video.fps);
        record.end(alarms.interrupt(gap), gap);
        drill?.interrupt();
      }
      stretch = frame.stretch;
      last = frame.time;
      const blockDifference = difference.push(frame.data);
      if (!errors) continue;
      const current = scorer.statistics;
      const { score } = scorer.push(errors);
      const time = start + SECOND * frame.time;
      const { threshold } = keeper;
      const { quiet } = alarms;
      const changes = alarms.push(time, score);
      scored += 1;
      record.push({ time, score, blockDifference, threshold, changes, file: video.name });
      await drill?.push({
        time,
        data: frame.data,
        threshold,
        quiet: quiet && alarms.quiet,
        statistics: current,
      });
      onProgress?.(Math.min(1, time / SECOND / total), video.name);
    }
    if (scored === 0)
      throw new UserError(
        `${video.name}: is shorter than the ${detector.clipLength} frames that the model needs; use longer footage`,
      );
    if (corrupt.length > 0) options.onCorrupt?.(video.name, corrupt);
    const end = start + SECOND * (last + 1 / video.fps);
    record.end(alarms.interrupt(end), end);
    drill?.interrupt();
    start = end;
  }
  return figuresOf(record, keeper, alarms.withheld, drill?.results, model.name);
}

const secondsOf = ({ expectedFrames, fps }: VideoSource): number => (expectedFrames ?? 0) / fps;

async function drillOf(
  { detector, description }: Model,
  footage: readonly string[],
  fps: number,
  total: number,
  { drill = 0, seed = 0, ...options }: RehearseOptions,
): Promise<Drill> {
  const random = new Random(`drill:${seed}`);
  const length = Math.max(2, Math.round(2 * fps));
  const passers = await passersOf(footage, detector.format, {
    fps: options.fps,
    length,
    signal: options.signal,
  });
  const insertions = new Insertions(passers, detector.format, fps, random);
  const plan = Array.from({ length: drill }, () => SECOND * total * random.uniform());
  return new Drill(detector, description.scoring, insertions, plan);
}

/** Each frame with its errors, `undefined` in the warm-up, which begins again after a gap. */
async function* withErrors({ detector }: Model, video: VideoSource) {
  for await (const stretch of stretches(video)) {
    const waiting: Frame[] = [];
    async function* pictures() {
      for await (const frame of stretch) {
        waiting.push(frame);
        yield frame.data;
      }
    }
    for await (const errors of detector.errors(pictures()))
      yield { frame: waiting.shift()!, errors };
  }
}
