import { randomBytes } from 'node:crypto';
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
import { checkedModel } from './checked-model.ts';
import { closeFootage, type FootageClip, openFootage, timeOf } from './footage.ts';
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
import { scoreSpans } from './score-spans.ts';
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
  options: LearningOptions,
  onProgress: (progress: LearningProgress) => void,
): Promise<Learned> {
  const configuration = presetConfiguration(job.learning.preset, undefined, options.input);
  const shortest = clipLength(configuration);
  const clips = await openFootage(job.footage, configuration.input, shortest, () =>
    onProgress({ phase: 'training', share: 0, secondsLeft: null }),
  );
  try {
    const { heldOut } = holdOut(clips, trainingConfiguration.parse({}).heldOut, shortest);
    const spans = spreadSpans(spansOf(clips, options.oddSpanSeconds), MOST_FRAMES);
    const calibrating = Math.min(calibrationFrames(configuration.input), framesOf(heldOut));
    const judging = framesOf(spans);
    const progress = new CalibrationProgress(2 * calibrating + judging, onProgress);

    await trained(job, options, clips, onProgress, (done) => progress.at(done));
    const model = await Model.load(job.out);
    try {
      const judged = await scoreSpans(model, clips, spans, job.regions, (done) =>
        progress.at(calibrating + done),
      );
      const odd = oddSpans(judged.filter((span) => !isConfirmed(span, clips, job.confirmed)));
      const clean = segmentsWithout(heldOut, odd, shortest);
      // Where few and short pieces were held out all of them may be odd: better those than none.
      const kept = clean.length > 0 ? clean : heldOut;
      const { description, heldOutScores } = await calibrate(model, clips, kept, job, (done) =>
        progress.at(calibrating + judging + done),
      );
      // An odd minute is scored by statistics that exclude it.
      const { detector } = model;
      const scored = await scoreSpans({ detector, description }, clips, odd, job.regions);
      return {
        model: checkedModel(description),
        heldOut: heldOutScores,
        oddMinutes: await oddMinutes(job, clips, scored),
      };
    } finally {
      await model.release();
    }
  } finally {
    await closeFootage(clips);
  }
}

const framesOf = (segments: readonly Segment[]): number =>
  segments.reduce((sum, { start, end }) => sum + end - start, 0);

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
