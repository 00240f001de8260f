import { loadModel, type Model } from '../detector/model.ts';
import { UserError } from '../errors.ts';
import { Random } from '../nn/random.ts';
import { checkOptions } from '../options.ts';
import { RegionScorer } from '../scoring/regions/region-scorer.ts';
import type { PictureRegion } from '../scoring/regions/regions.ts';
import type { Frame, VideoSource } from '../video/frame.ts';
import { stretches } from '../video/stretches.ts';
import { BlockDifference } from './block-difference.ts';
import { BudgetRun } from './budget-run.ts';
import { Drill } from './drill.ts';
import type { Rehearsal } from './figures.ts';
import { type Footage, footageAt } from './footage.ts';
import { Insertions } from './insertions.ts';
import { rehearseOptions } from './options.ts';
import { peopleIn } from './people.ts';

const SECOND = 1000;

export interface RehearseOptions {
  /** Default 24. With several the footage is scored once, and each budget is tried on the scores. */
  readonly alarmsPerDay?: number | readonly number[] | undefined;
  /** Odd people and objects that are put into the footage; default none. */
  readonly drill?: number | undefined;
  /** Of the drill; default 0. */
  readonly seed?: number | undefined;
  /** Seconds between two alarms below which they are one; default 60. */
  readonly grouping?: number | undefined;
  /** Parts of the picture; what is ignored, or in a zone without alarms, does not count. */
  readonly regions?: readonly PictureRegion[] | undefined;
  /** Frames a second of videos that have none. */
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
    const { fps } = options;
    return await rehearseFootage(
      loaded,
      footage.map((path) => footageAt(path, fps)),
      options,
    );
  } finally {
    if (typeof model === 'string') await loaded.release();
  }
}

/** {@link rehearse} on footage that is opened in other ways. */
export async function rehearseFootage(
  model: Model,
  footage: readonly Footage[],
  options: Omit<RehearseOptions, 'fps'>,
): Promise<Rehearsal> {
  const { detector, description } = model;
  const { scoring, statistics } = description;
  const { alarmsPerDay = 24, regions, grouping, signal, onProgress } = options;
  const budgets = typeof alarmsPerDay === 'number' ? [alarmsPerDay] : alarmsPerDay;
  const videos: VideoSource[] = [];
  for (const each of footage) videos.push(await each.open(detector.format));
  const total = videos.reduce((sum, video) => sum + secondsOf(video), 0);
  const drills = await drillsOf(budgets.length, model, footage, videos[0]!.fps, total, options);
  const runs = budgets.map(
    (budget, i) => new BudgetRun(budget, description, drills[i], grouping && SECOND * grouping),
  );
  const interrupt = (time: number) => {
    for (const run of runs) run.interrupt(time);
  };
  const scorer = new RegionScorer(statistics, scoring, regions);
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
        interrupt(start + SECOND * (last + 1 / video.fps));
      }
      stretch = frame.stretch;
      last = frame.time;
      const blockDifference = difference.push(frame.data);
      if (!errors) continue;
      const current = scorer.statistics;
      const { score } = scorer.push(errors).counted;
      scored += 1;
      const time = start + SECOND * frame.time;
      const scoredFrame = {
        time,
        score,
        statistics: current,
        data: frame.data,
        blockDifference,
        file: video.name,
      };
      for (const run of runs) await run.push(scoredFrame);
      onProgress?.(Math.min(1, time / SECOND / total), video.name);
    }
    if (scored === 0)
      throw new UserError(
        `${video.name}: is shorter than the ${detector.clipLength} frames that the model needs; use longer footage`,
      );
    if (corrupt.length > 0) options.onCorrupt?.(video.name, corrupt);
    const end = start + SECOND * (last + 1 / video.fps);
    interrupt(end);
    start = end;
  }
  const found = runs.map((run) => run.figures(model.name));
  return found.length === 1 ? found[0]! : { ...found[0]!, budgets: found };
}

const secondsOf = ({ expectedFrames, fps }: VideoSource): number => (expectedFrames ?? 0) / fps;

/** The same drill for each of some budgets; none where none was asked for. */
async function drillsOf(
  count: number,
  { detector, description }: Model,
  footage: readonly Footage[],
  fps: number,
  total: number,
  { drill = 0, seed = 0, regions, signal }: RehearseOptions,
): Promise<Drill[]> {
  if (drill === 0) return [];
  const { format } = detector;
  const length = Math.max(2, Math.round(2 * fps));
  const people = await peopleIn(footage, format, { length, signal });
  return Array.from({ length: count }, () => {
    const random = new Random(`drill:${seed}`);
    const insertions = new Insertions(people, format, fps, random);
    const plan = Array.from({ length: drill }, () => SECOND * total * random.uniform());
    return new Drill(detector, description.scoring, insertions, plan, regions);
  });
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
