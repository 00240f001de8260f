import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { fingerprint } from '../../datasets/content.ts';
import { Model } from '../../detector/model.ts';
import { type ModelDescription, writeDescription } from '../../detector/model-file.ts';
import { clipLength } from '../../model/configuration.ts';
import { presetConfiguration } from '../../model/presets.ts';
import { countedErrors } from '../../scoring/regions/region-scorer.ts';
import { scoreClip } from '../../scoring/score.ts';
import {
  calibrateOn,
  calibrationFrames,
  heldOutErrors,
} from '../../training/calibrate-detector.ts';
import { trainingConfiguration } from '../../training/configuration.ts';
import { holdOut, type Segment } from '../../training/hold-out.ts';
import { train } from '../../training/train.ts';
import type { Learned, LearningJob } from '../parts.ts';
import { CalibrationProgress } from './calibration-progress.ts';
import { checkedFolder, checkedModel } from './checked-model.ts';
import { closeFootage, type FootageClip, openFootage, timeOf } from './footage.ts';
import { forgetLights, nightFolder, writeLights } from './light-file.ts';
import type { LearningOptions, LearningProgress } from './messages.ts';
import {
  isConfirmed,
  oddSpans,
  type ScoredSpan,
  segmentsWithout,
  spansOf,
  spreadSpans,
} from './odd-minutes.ts';
import { writePictures } from './odd-pictures.ts';
import { type LearnedPart, partsByLight } from './parts-by-light.ts';
import { scoreSpans } from './score-spans.ts';
import { secondPeaks } from './second-peaks.ts';
import { trainingIn } from './unfinished.ts';

/** Frames of footage that are looked through for odd minutes, at most: nearly three hours at ten a second. */
const MOST_FRAMES = 100_000;

const HOURS_A_DAY = 24;
const SECONDS_A_MINUTE = 60;

/**
 * Learns a camera: trains a model on its footage, finds the minutes of it that are unlike the rest,
 * and calibrates the model on held-out footage without them. Where the footage has two lights, each
 * gets a model. Started again after it was killed, it goes on from its checkpoint.
 * @throws UserError when the footage is too little or no video, training diverges, or the disk is full
 */
export async function learn(
  job: LearningJob,
  options: LearningOptions,
  onProgress: (progress: LearningProgress) => void,
): Promise<Learned> {
  const configuration = presetConfiguration(job.learning.preset, undefined, options.input);
  const shortest = clipLength(configuration);
  const clips = await openFootage(job.footage, configuration.input, shortest, () =>
    onProgress({ phase: 'training', share: 0, secondsLeft: null }),
  );
  try {
    const { parts, clusters } = await partsOf(job, options, clips, shortest);
    await forgetLights(job.out);
    const most = calibrationFrames(configuration.input);
    const plans = parts.map((part) => planOf(part, options, shortest, most));
    const frames = (of: 'calibrating' | 'judging') =>
      plans.reduce((sum, plan) => sum + plan[of], 0);
    const total = 2 * frames('calibrating') + frames('judging');
    const progress = new CalibrationProgress(total, onProgress);

    await trainedAll(job, options, plans, onProgress, (done) => progress.at(done));
    let done = frames('calibrating');
    const learned: Learned[] = [];
    for (const plan of plans) {
      learned.push(await calibrated(job, plan, shortest, (more) => progress.at(done + more)));
      done += plan.judging + plan.calibrating;
    }
    const [day, night] = learned;
    if (!night || !clusters) return day!;
    await writeLights(job.out, clusters);
    return {
      model: await checkedFolder(job.out),
      heldOut: [...day!.heldOut, ...night.heldOut],
      oddMinutes: [...day!.oddMinutes, ...night.oddMinutes],
    };
  } finally {
    await closeFootage(clips);
  }
}

function partsOf(
  { learning, out }: LearningJob,
  { lightSeconds }: LearningOptions,
  clips: readonly FootageClip[],
  shortest: number,
): ReturnType<typeof partsByLight> {
  if (learning.nightAndDay === false) return Promise.resolve({ parts: [{ clips, out }] });
  return partsByLight(clips, {
    out,
    coloured: learning.file !== undefined,
    leastSeconds: lightSeconds,
    leastFrames: 4 * shortest,
  });
}

/** What is done with the footage of one model. */
interface Plan extends LearnedPart {
  readonly heldOut: readonly Segment[];
  readonly spans: readonly Segment[];
  /** Frames that are calibrated on, and that are looked through for odd minutes. */
  readonly calibrating: number;
  readonly judging: number;
}

/** @param mostCalibrated frames of held-out footage that are scored, at most */
function planOf(
  part: LearnedPart,
  { oddSpanSeconds }: LearningOptions,
  shortest: number,
  mostCalibrated: number,
): Plan {
  const { heldOut } = holdOut(part.clips, trainingConfiguration.parse({}).heldOut, shortest);
  const spans = spreadSpans(spansOf(part.clips, oddSpanSeconds), MOST_FRAMES);
  const calibrating = Math.min(mostCalibrated, framesOf(heldOut));
  return { ...part, heldOut, spans, calibrating, judging: framesOf(spans) };
}

/** Finds the odd minutes of a trained model's footage, and calibrates it without them. */
async function calibrated(
  job: LearningJob,
  { clips, heldOut, spans, judging, out, light }: Plan,
  shortest: number,
  onScored: (done: number) => void,
): Promise<Learned> {
  const model = await Model.load(out);
  try {
    const judged = await scoreSpans(model, clips, spans, job.regions, onScored);
    const odd = oddSpans(judged.filter((span) => !isConfirmed(span, clips, job.confirmed)));
    const clean = segmentsWithout(heldOut, odd, shortest);
    // Where few and short pieces were held out all of them may be odd: better those than none.
    const kept = clean.length > 0 ? clean : heldOut;
    const ofPart = { ...job, out };
    const { description, heldOutScores } = await calibrate(model, clips, kept, ofPart, (done) =>
      onScored(judging + done),
    );
    // An odd minute is scored by statistics that exclude it.
    const { detector } = model;
    const scored = await scoreSpans({ detector, description }, clips, odd, job.regions);
    return {
      model: checkedModel(description),
      heldOut: heldOutScores.map((stretch) => (light ? { ...stretch, light } : stretch)),
      oddMinutes: await oddMinutes(job, clips, scored),
    };
  } finally {
    await model.release();
  }
}

const framesOf = (segments: readonly Segment[]): number =>
  segments.reduce((sum, { start, end }) => sum + end - start, 0);

/** Trains the models of a job, as far as that was not done before. */
async function trainedAll(
  job: LearningJob,
  options: LearningOptions,
  plans: readonly Plan[],
  onProgress: (progress: LearningProgress) => void,
  onCalibration: (done: number) => void,
): Promise<void> {
  const later = (place: number) =>
    (plans.length - 1 - place) * job.learning.trainMinutes * SECONDS_A_MINUTE;
  let before = 0;
  for (const [place, { clips, out, calibrating }] of plans.entries()) {
    const first = before;
    await trained(
      { ...job, out },
      options,
      clips,
      ({ share, secondsLeft }) =>
        onProgress({
          phase: 'training',
          share: (place + share) / plans.length,
          secondsLeft: secondsLeft === null ? null : secondsLeft + later(place),
        }),
      // Until the last one is trained there is more training to come.
      (done) => place === plans.length - 1 && onCalibration(first + done),
    );
    before += calibrating;
  }
}

/** Trains the model of a job, as far as that was not done before. */
async function trained(
  { camera, out, learning, alarmsPerDay }: LearningJob,
  { input }: LearningOptions,
  clips: readonly FootageClip[],
  onProgress: (progress: LearningProgress) => void,
  onCalibration: (done: number) => void,
): Promise<void> {
  const { preset, trainMinutes } = learning;
  const length = { minutes: trainMinutes };
  const dataFingerprint = fingerprint(clips);
  const state = await trainingIn(out, { preset, length, dataFingerprint });
  if (state === 'learned') return;
  // The night's model is trained after the day's: this one is of footage that has changed.
  if (state === 'not begun') await rm(nightFolder(out), { recursive: true, force: true });
  await train({
    data: { name: camera, path: camera, training: clips },
    out,
    preset,
    input,
    length,
    alarmsPerHour: alarmsPerDay / HOURS_A_DAY,
    resume: state === 'unfinished',
    onTraining: ({ share, secondsLeft }) => onProgress({ phase: 'training', share, secondsLeft }),
    onCalibration,
  });
}

/** Calibrates a model on held-out footage and writes that into its folder; the scores of that footage. */
async function calibrate(
  { detector, description }: Model,
  clips: readonly FootageClip[],
  heldOut: readonly Segment[],
  { out, alarmsPerDay, regions = [] }: LearningJob,
  onScored: (done: number) => void,
): Promise<{ description: ModelDescription; heldOutScores: Learned['heldOut'] }> {
  const whole = await heldOutErrors(detector, clips, heldOut, onScored);
  const stretches = whole.map((stretch) => ({
    ...stretch,
    errors: countedErrors(stretch.errors, regions),
  }));
  const calibration = calibrateOn(stretches, alarmsPerDay / HOURS_A_DAY);
  const calibrated = { ...description, ...calibration };
  await writeDescription(out, calibrated);
  return {
    description: calibrated,
    heldOutScores: stretches.map(({ errors, fps, segment: { clip, start } }) => {
      const scored = scoreClip(errors, calibration.statistics, calibration.scoring);
      return {
        from: Math.round(timeOf(clips[clip]!, start)),
        peaks: secondPeaks(
          scored.map(({ score }) => score),
          { warmUp: detector.clipLength - 1, fps },
        ),
      };
    }),
  };
}

/** Reports odd spans by their starts, the worst first, and writes their pictures. */
async function oddMinutes(
  { camera, oddFolder }: LearningJob,
  clips: readonly FootageClip[],
  odd: readonly ScoredSpan[],
): Promise<Learned['oddMinutes']> {
  const worstFirst = odd.toSorted((a, b) => b.peak - a.peak);
  const named = worstFirst.map((span) => ({
    ...span,
    id: randomBytes(6).toString('hex'),
    footage: clips[span.clip]!,
  }));
  await writePictures(
    named.map(({ id, footage, peakFrame }) => ({ id, clip: footage, frame: peakFrame })),
    oddFolder,
  );
  return named.map(({ id, footage, start, peak }) => ({
    id,
    camera,
    time: Math.round(timeOf(footage, start)),
    score: peak,
  }));
}
