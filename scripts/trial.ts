/**
 * One trial of a setting, judged without labels:
 *
 *     node scripts/trial.ts DATA OUT [--preset P] [--task T] [--epochs N] [--seed S]
 *                           [--model FILE|JSON] [--training FILE|JSON]
 *
 * Trains a model (where OUT holds none yet) with changes to its configuration, and measures how
 * well it tells pseudo-anomalies from normal footage: somebody who passes through held-out footage is
 * put into another part of it, altered in each of the ways of `pseudoKinds`; of these, training has shown
 * those of `training.taught`, with other people. Where there are labelled testing clips, their figures are printed as
 * well; no setting is to be chosen by them.
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
import { compose, isLongEnough, pseudoKinds } from '../src/training/pseudo/compose.ts';
import { findPassers } from '../src/training/pseudo/passers.ts';
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

/** More than a training holds out: the trial is all about it. */
const HELD_OUT = 0.25;
/** Frames that are measured in a stretch, after a clip's worth of warm-up; stretches of each kind. */
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
const { stretches, passers } = await findPassers(clips, heldOut, length);
const able = passers.filter((passer) =>
  pseudoKinds.every((kind) => isLongEnough(passer, kind, length)),
);
if (able.length === 0) throw new Error(`${data}: nobody passes through its held-out footage`);
const random = new Random('trial');
const chosen = Array.from({ length: STRETCHES }, () => {
  const stretch = stretches[random.below(stretches.length)]!;
  const passer = able[random.below(able.length)]!;
  return {
    stretch,
    passer,
    first: stretch.start + random.below(stretch.end - stretch.start - length + 1),
  };
});

const scores = new Map<string, FrameScore[]>();
for (const kind of ['plain', ...pseudoKinds] as const) {
  const all: FrameScore[] = [];
  for (const [i, { stretch, passer, first }] of chosen.entries()) {
    const bytes = await stretch.clip.read(first, length);
    const size = bytes.length / length;
    const pictures = Array.from({ length }, (_, t) => bytes.slice(t * size, (t + 1) * size));
    const { ground } = stretch;
    const scene = { frames: length, pictures: new Map(pictures.entries()), ground, format };
    if (kind !== 'plain') compose(scene, { passer, kind }, new Random(`trial ${i}`));
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
const auc = (part: (typeof parts)[number], normal: readonly string[], odd: string) => {
  const usual = normal.flatMap((kind) => series(kind, part));
  const unusual = series(odd, part);
  const truth = [...usual.map(() => 0), ...unusual.map(() => 1)];
  return rocAuc([...usual, ...unusual], truth)!;
};
const line = (name: string, figures: readonly number[]) =>
  `${name.padEnd(10)} ${figures.map((figure) => figure.toFixed(3)).join(', ')}`;
console.log(`AUC of pseudo-anomalies over normal footage and controls: ${parts.join(', ')}`);
const control = parts.map((part) => auc(part, ['plain'], 'control'));
console.log(`${line('control', control)} (should be 0.5)`);
const kinds = pseudoKinds.filter((kind) => kind !== 'control');
const figures = kinds.map((kind) => parts.map((part) => auc(part, ['plain', 'control'], kind)));
for (const [i, kind] of kinds.entries())
  console.log(line(kind, figures[i]!) + (taught.includes(kind) ? ' (taught)' : ''));
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
