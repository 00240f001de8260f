/**
 * One trial of a setting, judged without labels:
 *
 *     node scripts/trial.ts DATA OUT [--preset P] [--task T] [--epochs N] [--seed S]
 *                           [--model JSON] [--training JSON]
 *
 * Trains a model (where OUT holds none yet) with changes to its configuration, and measures how
 * well it tells pseudo-anomalies from normal footage: somebody of another clip who walks into a
 * held-out one at twice his speed (`fast`), at more than twice his width (`wide`), or as he is
 * (`control`). Where there are labelled testing clips, their figures are printed as well; no setting
 * is to be chosen by them.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openClips } from '../src/datasets/cache.ts';
import { clipFrames } from '../src/datasets/clip-frames.ts';
import { readDataset } from '../src/datasets/layout.ts';
import { loadModel } from '../src/detector/model.ts';
import { DESCRIPTION_FILE } from '../src/detector/model-file.ts';
import { evaluate } from '../src/evaluation/evaluate.ts';
import { pseudoAnomalies, pseudoKinds } from '../src/evaluation/pseudo-anomalies.ts';
import { rocAuc } from '../src/evaluation/ranking.ts';
import { clipLength, type ModelConfiguration, type Task } from '../src/model/configuration.ts';
import { type Preset, presetConfiguration } from '../src/model/presets.ts';
import { type FrameScore, StreamScorer } from '../src/scoring/score.ts';
import { holdOut } from '../src/training/hold-out.ts';
import { train } from '../src/training/train.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    preset: { type: 'string', default: 'small' },
    task: { type: 'string', default: 'predict' },
    epochs: { type: 'string', default: '3' },
    seed: { type: 'string', default: '0' },
    model: { type: 'string', default: '{}' },
    training: { type: 'string', default: '{}' },
  },
});
const [data, out] = positionals;
if (!data || !out) throw new Error('usage: node scripts/trial.ts DATA OUT [options]');

/** More than a training holds out: the trial is all about it. */
const HELD_OUT = 0.25;
/** Frames that are measured in a stretch, after a clip's worth of warm-up; stretches of each kind. */
const MEASURED = 20;
const STRETCHES = 40;

const preset = values.preset as Preset;
const task = values.task as Task;
if (!existsSync(join(out, DESCRIPTION_FILE)))
  await train({
    data,
    out,
    preset,
    task,
    seed: Number(values.seed),
    length: { epochs: Number(values.epochs) },
    model: changed(presetConfiguration(preset, task), JSON.parse(values.model)),
    training: { heldOut: HELD_OUT, ...JSON.parse(values.training) },
    onTraining({ share, samplesPerSecond, validation }) {
      if (!validation) return;
      const losses = Object.entries(validation).map(([name, loss]) => `${name} ${loss.toFixed(5)}`);
      console.error(
        `${(100 * share).toFixed(0)} %, ${samplesPerSecond.toFixed(1)} samples/s, held out: ${losses.join(', ')}`,
      );
    },
  });
const model = await loadModel(out);
const { training } = await readDataset(data);
const clips = await openClips(training, model.detector.format);
const { heldOut } = holdOut(clips, HELD_OUT, clipLength(model.description.configuration));
const pictures: Uint8Array[][] = [];
for (const clip of clips) {
  const frames: Uint8Array[] = [];
  // The first channel, should there be three.
  const area = clip.format.width * clip.format.height;
  for await (const frame of clipFrames(clip)) frames.push(new Uint8Array(frame.subarray(0, area)));
  pictures.push(frames);
  await clip.close();
}
const warmUp = model.detector.clipLength - 1;
const stretches = pseudoAnomalies(
  heldOut.map(({ clip, start, end }) => pictures[clip]!.slice(start, end)),
  pictures,
  { size: model.detector.format, length: warmUp + MEASURED, count: STRETCHES, seed: 0 },
);
console.log(`${stretches.length} stretches of ${MEASURED} frames`);

const kinds = ['plain', ...pseudoKinds] as const;
const scores = new Map<string, FrameScore[]>();
for (const kind of kinds) {
  const all: FrameScore[] = [];
  for (const stretch of stretches) all.push(...(await scoresOf(stretch[kind])));
  scores.set(kind, all);
}
const series = (kind: string, part: 'score' | 'appearance' | 'motion') =>
  scores.get(kind)!.map((frame) => frame[part]);
const auc = (normal: readonly number[], odd: readonly number[]) =>
  rocAuc([...normal, ...odd], [...normal.map(() => 0), ...odd.map(() => 1)])!.toFixed(3);
for (const part of ['score', 'appearance', 'motion'] as const) {
  const plain = series('plain', part);
  const control = series('control', part);
  const normal = [...plain, ...control];
  const [fast, wide] = [series('fast', part), series('wide', part)];
  console.log(
    `${part.padEnd(10)} AUC: fast ${auc(normal, fast)}, wide ${auc(normal, wide)}; control over plain ${auc(plain, control)}`,
  );
}
const labelled = (await readDataset(data)).testing.some(({ labels }) => labels);
if (labelled) {
  const { protocols } = await evaluate(model, data);
  const figures = Object.entries(protocols).map(([name, p]) => `${name} ${p.microAuc?.toFixed(4)}`);
  console.log(`testing clips, micro AUC: ${figures.join(', ')}`);
}
await model.release();

async function scoresOf(frames: readonly Uint8Array[]): Promise<FrameScore[]> {
  const { statistics, scoring } = model.description;
  const scorer = new StreamScorer(statistics, scoring);
  const stream = model.detector.open();
  const found: FrameScore[] = [];
  for (const frame of frames) {
    const [errors] = await model.detector.step([{ stream, frame }]);
    if (errors) found.push(scorer.push(errors));
  }
  return found;
}

/** A configuration with some of its entries, or of theirs, changed. */
function changed(c: ModelConfiguration, changes: Record<string, unknown>): ModelConfiguration {
  const entries = Object.entries(changes).map(([key, change]) => {
    const before = c[key as keyof ModelConfiguration];
    const nested = typeof change === 'object' && !Array.isArray(change);
    return [key, nested ? { ...(before as object), ...change } : change];
  });
  return { ...c, ...Object.fromEntries(entries) };
}
