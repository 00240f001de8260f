/**
 * One trial of a setting, judged without labels:
 *
 *     node scripts/trial.ts DATA OUT [--preset P] [--task T] [--epochs N] [--seed S]
 *                           [--model FILE|JSON] [--training FILE|JSON]
 *
 * Trains a model with changes to its configuration (unless OUT holds one), and measures how well it
 * separates synthetic anomalies from normal footage: people cut out of held-out footage are altered in
 * each of the `alterationKinds` and pasted into another part of it. Training has seen those kinds that
 * `training.taught` names, with other people. Figures of labelled testing clips are printed as well; no
 * setting may be chosen by them.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openClips } from '../src/datasets/cache.ts';
import { readDataset } from '../src/datasets/layout.ts';
import { loadModel } from '../src/detector/model.ts';
import { DESCRIPTION_FILE } from '../src/detector/model-file.ts';
import { evaluate } from '../src/evaluation/evaluate.ts';
import { rocAuc } from '../src/evaluation/ranking.ts';
import { clipLength, type Task } from '../src/model/configuration.ts';
import { type Preset, presetConfiguration } from '../src/model/presets.ts';
import { Random } from '../src/nn/random.ts';
import { type FrameScore, StreamScorer } from '../src/scoring/score.ts';
import { modelChanges, trainingChanges } from '../src/training/changes.ts';
import { trainingConfiguration } from '../src/training/configuration.ts';
import { holdOut } from '../src/training/hold-out.ts';
import { inspect } from '../src/training/inspect.ts';
import { alterationKinds, compose, isLongEnough } from '../src/training/synthetic/compose.ts';
import { findTracks } from '../src/training/synthetic/tracks.ts';
import { train } from '../src/training/train.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    preset: { type: 'string', default: 'small' },
    task: { type: 'string', default: 'reconstruct' },
    epochs: { type: 'string', default: '3' },
    seed: { type: 'string', default: '0' },
    model: { type: 'string', default: '{}' },
    training: { type: 'string', default: '{}' },
  },
});
const [data, out] = positionals;
if (!data || !out) throw new Error('usage: node scripts/trial.ts DATA OUT [options]');

/** More than a usual training holds out, since the trial runs on it. */
const HELD_OUT = 0.25;
/** Scored frames of a stretch, after the warm-up; stretches of each kind. */
const MEASURED = 3;
const STRETCHES = 48;

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
    model: await modelChanges(values.model, presetConfiguration(preset, task)),
    training: { heldOut: HELD_OUT, ...(await trainingChanges(values.training)) },
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
const { format } = model.detector;
const length = model.detector.clipLength - 1 + MEASURED;
const { stretches, tracks } = await findTracks(clips, heldOut, length);
const candidates = tracks.filter((track) =>
  alterationKinds.every((kind) => isLongEnough(track, kind, length)),
);
if (candidates.length === 0)
  throw new Error(`${data}: found no moving person in its held-out footage`);
const random = new Random('trial');
const chosen = Array.from({ length: STRETCHES }, () => {
  const stretch = stretches[random.below(stretches.length)]!;
  const track = candidates[random.below(candidates.length)]!;
  return {
    stretch,
    track,
    first: stretch.start + random.below(stretch.end - stretch.start - length + 1),
  };
});

const scores = new Map<string, FrameScore[]>();
for (const kind of ['plain', ...alterationKinds] as const) {
  const all: FrameScore[] = [];
  for (const [i, { stretch, track, first }] of chosen.entries()) {
    const bytes = await stretch.clip.read(first, length);
    const size = bytes.length / length;
    const pictures = Array.from({ length }, (_, t) => bytes.slice(t * size, (t + 1) * size));
    const { background } = stretch;
    const scene = { frames: length, pictures: new Map(pictures.entries()), background, format };
    if (kind !== 'plain') compose(scene, { track, kind }, new Random(`trial ${i}`));
    all.push(...(await scoresOf(pictures)));
  }
  scores.set(kind, all);
}
const { inspection } = await inspect(out, data, { frames: 60 });
console.log(JSON.stringify(inspection));
for (const clip of clips) await clip.close();

const { taught } = trainingConfiguration
  .pick({ taught: true })
  .parse({ taught: model.description.training.settings.taught });
const parts = ['score', 'appearance', 'motion', 'paperScore'] as const;
const series = (kind: string, part: (typeof parts)[number]) =>
  scores.get(kind)!.map((frame) => frame[part]);
const auc = (part: (typeof parts)[number], normal: readonly string[], abnormal: string) => {
  const negatives = normal.flatMap((kind) => series(kind, part));
  const positives = series(abnormal, part);
  const truth = [...negatives.map(() => 0), ...positives.map(() => 1)];
  return rocAuc([...negatives, ...positives], truth)!;
};
const line = (name: string, figures: readonly number[]) =>
  `${name.padEnd(10)} ${figures.map((figure) => figure.toFixed(3)).join(', ')}`;
console.log(`AUC of synthetic anomalies over normal footage and controls: ${parts.join(', ')}`);
const control = parts.map((part) => auc(part, ['plain'], 'control'));
console.log(`${line('control', control)} (should be 0.5)`);
const kinds = alterationKinds.filter((kind) => kind !== 'control');
const figures = kinds.map((kind) => parts.map((part) => auc(part, ['plain', 'control'], kind)));
for (const [i, kind] of kinds.entries())
  console.log(line(kind, figures[i]!) + (taught.includes(kind) ? ' (trained on)' : ''));
const means = parts.map((_, i) => figures.reduce((sum, row) => sum + row[i]!, 0) / kinds.length);
console.log(line('their mean', means));
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
