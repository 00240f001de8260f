import { randomBytes } from 'node:crypto';
import { clipFrames } from '../../datasets/clip-frames.ts';
import { fingerprint } from '../../datasets/content.ts';
import type { Detector } from '../../detector/detector.ts';
import { Model } from '../../detector/model.ts';
import { type ModelDescription, writeDescription } from '../../detector/model-file.ts';
import { clipLength } from '../../model/configuration.ts';
import { presetConfiguration } from '../../model/presets.ts';
import { StreamScorer, scoreClip } from '../../scoring/score.ts';
import {
  CALIBRATION_FRAMES,
  calibrateOn,
  heldOutErrors,
} from '../../training/calibrate-detector.ts';
import { trainingConfiguration } from '../../training/configuration.ts';
import { holdOut, type Segment } from '../../training/hold-out.ts';
import { train } from '../../training/train.ts';
import type { Learned, LearningJob } from '../parts.ts';
import { checkedModel } from './checked-model.ts';
import { closeFootage, type FootageClip, openFootage, timeOf } from './footage.ts';
import type { LearningOptions, LearningProgress } from './messages.ts';
import { oddSpans, type ScoredSpan, segmentsWithout, spansOf, spreadSpans } from './odd-minutes.ts';
import { writePictures } from './odd-pictures.ts';
import { secondPeaks } from './second-peaks.ts';
import { trainingIn } from './unfinished.ts';

/** Frames of footage that are looked through for odd minutes, at most: nearly three hours at ten a second. */
const MOST_FRAMES = 100_000;

const HOURS_A_DAY = 24;

/**
 * Learns a camera: trains a model on its footage, finds the minutes of it that are unlike the rest,
 * and calibrates the model on held-out footage without them. Started again after it was killed, it
 * goes on from its checkpoint.
 * @throws UserError when the footage is too little or no video, training diverges, or the disk is full
 */
export async function learn(
  job: LearningJob,
  { input, oddSpanSeconds }: LearningOptions,
  onProgress: (progress: LearningProgress) => void,
): Promise<Learned> {
  const { preset, trainMinutes } = job.learning;
  const configuration = presetConfiguration(preset, undefined, input);
  const frames = clipLength(configuration);
  const begun = () => onProgress({ phase: 'training', share: 0, secondsLeft: null });
  const clips = await openFootage(job.footage, configuration.input, frames, begun);
  try {
    const { heldOut } = holdOut(clips, trainingConfiguration.parse({}).heldOut, frames);
    const spans = spreadSpans(spansOf(clips, oddSpanSeconds), MOST_FRAMES);
    const calibration = Math.min(CALIBRATION_FRAMES, framesOf(heldOut));
    const work = new Work(2 * calibration + framesOf(spans), onProgress);

    const length = { minutes: trainMinutes };
    const dataFingerprint = fingerprint(clips);
    const state = await trainingIn(job.out, { preset, length, dataFingerprint });
    if (state !== 'learned')
      await train({
        data: { name: job.camera, path: job.camera, training: clips },
        out: job.out,
        preset,
        input,
        length,
        alarmsPerHour: job.alarmsPerDay / HOURS_A_DAY,
        resume: state === 'unfinished',
        onDecode: begun,
        onTraining: ({ share, secondsLeft }) =>
          onProgress({ phase: 'training', share, secondsLeft }),
        onCalibration: (done) => work.at(done),
      });
    const model = await Model.load(job.out);
    try {
      const scored = await scoreSpans(model, clips, spans, (done) => work.at(calibration + done));
      const odd = oddSpans(scored.filter((span) => !isConfirmed(span, clips, job.confirmed)));
      const clean = segmentsWithout(heldOut, odd, frames);
      const learned = await calibrated(model, clips, clean, job, (done) =>
        work.at(calibration + framesOf(spans) + done),
      );
      const oddMinutes = odd.map(({ clip, start, peak, peakFrame }) => ({
        id: randomBytes(6).toString('hex'),
        camera: job.camera,
        time: Math.round(clips[clip]!.from + timeOf(clips[clip]!, start)),
        score: peak,
        picture: { clip: clips[clip]!, frame: peakFrame },
      }));
      await writePictures(
        oddMinutes.map(({ id, picture }) => ({ id, ...picture })),
        job.oddFolder,
      );
      return { ...learned, oddMinutes: oddMinutes.map(({ picture: _, ...minute }) => minute) };
    } finally {
      await model.release();
    }
  } finally {
    await closeFootage(clips);
  }
}

const framesOf = (segments: readonly Segment[]): number =>
  segments.reduce((sum, { start, end }) => sum + end - start, 0);

/** Tells how far the calibration is, and how long it may still take. */
class Work {
  readonly #total: number;
  readonly #tell: (progress: LearningProgress) => void;
  #begun: { readonly done: number; readonly at: number } | undefined;

  constructor(total: number, tell: (progress: LearningProgress) => void) {
    this.#total = total;
    this.#tell = tell;
  }

  /** @param done frames of all that are to be scored */
  at(done: number): void {
    const now = performance.now();
    this.#begun ??= { done, at: now };
    const left = Math.max(0, this.#total - done);
    const passed = (now - this.#begun.at) / 1000;
    this.#tell({
      phase: 'calibrating',
      share: 1 - left / this.#total,
      secondsLeft: passed > 1 ? (left * passed) / (done - this.#begun.done) : null,
    });
  }
}

/** Whether a person said that what is in a span is normal. */
function isConfirmed(
  { clip, start, end }: Segment,
  clips: readonly FootageClip[],
  confirmed: LearningJob['confirmed'],
): boolean {
  const at = (frame: number) => clips[clip]!.from + timeOf(clips[clip]!, frame);
  return confirmed.some(({ from, to }) => from < at(end) && to > at(start));
}

/** The highest score of each span; those without one are left out. */
async function scoreSpans(
  { detector, description }: Model,
  clips: readonly FootageClip[],
  spans: readonly Segment[],
  onScored: (done: number) => void,
): Promise<ScoredSpan[]> {
  const scored: ScoredSpan[] = [];
  let done = 0;
  for (const span of spans) {
    let peak = Number.NEGATIVE_INFINITY;
    let peakFrame = -1;
    for await (const [frame, score] of scores(detector, description, clips[span.clip]!, span)) {
      if (score > peak) [peak, peakFrame] = [score, frame];
    }
    if (peakFrame >= 0) scored.push({ ...span, peak, peakFrame });
    onScored((done += span.end - span.start));
  }
  return scored;
}

/** The frames of a span with their scores, which the frames before it have warmed up, where there are any. */
async function* scores(
  detector: Detector,
  { statistics, scoring }: ModelDescription,
  clip: FootageClip,
  { start, end }: Segment,
): AsyncGenerator<readonly [frame: number, score: number]> {
  const scorer = new StreamScorer(statistics, scoring);
  let frame = Math.max(0, start - (detector.clipLength - 1) - (scoring.window - 1));
  for await (const errors of detector.errors(clipFrames(clip, frame, end))) {
    const score = errors && scorer.push(errors).score;
    if (score !== undefined && frame >= start) yield [frame, score];
    frame += 1;
  }
}

/** Calibrates a model on held-out footage and writes that into its folder; the scores of that footage. */
async function calibrated(
  { detector, description }: Model,
  clips: readonly FootageClip[],
  heldOut: readonly Segment[],
  { out, alarmsPerDay }: LearningJob,
  onScored: (done: number) => void,
): Promise<Omit<Learned, 'oddMinutes'>> {
  const stretches = await heldOutErrors(detector, clips, heldOut, onScored);
  const calibration = calibrateOn(stretches, alarmsPerDay / HOURS_A_DAY);
  const written = { ...description, ...calibration };
  await writeDescription(out, written);
  return {
    model: checkedModel(written),
    heldOut: stretches.map(({ errors, fps }, i) => {
      const { clip, start } = heldOut[i]!;
      const scored = scoreClip(errors, calibration.statistics, calibration.scoring);
      return {
        from: Math.round(clips[clip]!.from + timeOf(clips[clip]!, start)),
        peaks: secondPeaks(
          scored.map(({ score }) => score),
          { warmUp: detector.clipLength - 1, fps },
        ),
      };
    }),
  };
}
