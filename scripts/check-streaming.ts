/**
 * `node scripts/check-streaming.ts MODEL DATA`: scores the testing clips of a data set as a stream
 * and, slowly, with the clip graph at every frame; prints the largest differences of each clip, and
 * exits 1 where a score's is above 1e-4. MODEL is a model folder or the name of a preset, which then has
 * random weights. Errors differ relative to a frame's largest, scores by the statistics of the first clip.
 * The error of a single cell may differ by more: a memory cuts weights below a threshold to 0, and
 * rounding decides about one that lies on it.
 */
import { openClips } from '../src/datasets/cache.ts';
import { clipFrames } from '../src/datasets/clip-frames.ts';
import { readDataset } from '../src/datasets/layout.ts';
import { Detector } from '../src/detector/detector.ts';
import { readModel } from '../src/detector/model-file.ts';
import { PRESETS, type Preset, presetConfiguration } from '../src/model/presets.ts';
import { errorKinds } from '../src/scoring/blocks.ts';
import { calibrate } from '../src/scoring/calibration.ts';
import { defaultScoring, StreamScorer } from '../src/scoring/score.ts';
import type { NormalStatistics } from '../src/scoring/statistics.ts';
import { clipErrors, livelyWeights } from '../test/detector/clip-errors.ts';
import { relativeError } from '../test/graph/evaluate.ts';

const TOLERANCE = 1e-4;

const [name, data] = process.argv.slice(2);
if (!name || !data) throw new Error('usage: node scripts/check-streaming.ts MODEL DATA');
const { configuration, weights } = await modelOf(name);
const detector = await Detector.create(configuration, weights);
const { testing } = await readDataset(data);
const clips = await openClips(testing, configuration.input);
let statistics: NormalStatistics | undefined;
let [worstError, worstScore] = [0, 0];
for (const clip of clips) {
  const frames: Uint8Array[] = [];
  for await (const frame of clipFrames(clip)) frames.push(frame);
  const plain = await clipErrors(configuration, weights, frames);
  const held = plain.filter((errors) => errors !== undefined);
  statistics ??= calibrate([{ errors: held, fps: clip.fps }]).statistics;
  const scorers = { stream: scorer(), plain: scorer() };
  let [errorDifference, scoreDifference, at] = [0, 0, 0];
  for await (const errors of detector.errors(clipFrames(clip))) {
    const expected = plain[at++];
    if ((errors === undefined) !== (expected === undefined))
      errorDifference = Number.POSITIVE_INFINITY;
    if (!errors || !expected) continue;
    for (const kind of errorKinds.filter((kind) => expected[kind]))
      errorDifference = Math.max(errorDifference, relativeError(errors[kind]!, expected[kind]!));
    const apart = scorers.stream.push(errors).score - scorers.plain.push(expected).score;
    scoreDifference = Math.max(scoreDifference, Math.abs(apart));
  }
  worstError = Math.max(worstError, errorDifference);
  worstScore = Math.max(worstScore, scoreDifference);
  console.log(
    `${clip.name}: ${at} frames, errors ${errorDifference.toExponential(1)}, scores ${scoreDifference.toExponential(1)}`,
  );
  await clip.close();
}
await detector.release();
console.log(
  `largest: errors ${worstError.toExponential(1)}, scores ${worstScore.toExponential(1)}`,
);
process.exitCode = worstScore > TOLERANCE || worstError === Number.POSITIVE_INFINITY ? 1 : 0;

async function modelOf(what: string) {
  if (!PRESETS.includes(what as Preset)) {
    const { description, weights } = await readModel(what);
    return { configuration: description.configuration, weights };
  }
  const configuration = presetConfiguration(what as Preset);
  return { configuration, weights: livelyWeights(configuration) };
}

function scorer(): StreamScorer {
  return new StreamScorer(statistics!, defaultScoring);
}
