import { join } from 'node:path';
import type { Command } from 'commander';
import { loadModel, type Model } from '../detector/model.ts';
import { type Evaluation, evaluate } from '../evaluation/evaluate.ts';
import { BOUND_CONFIDENCE, type Operations } from '../evaluation/operations.ts';
import { type ProtocolFigures, paperKernel } from '../evaluation/protocols.ts';
import type { DeviceChoice } from '../runtime/device.ts';
import { type Context, print } from './context.ts';
import { chosenDevice } from './device.ts';
import { withFootage } from './inputs.ts';
import { deviceOption, fpsOption } from './options.ts';
import { duration } from './progress.ts';
import { corruptNote, figure, plural, table } from './text.ts';

interface Options {
  readonly json?: boolean;
  readonly report?: string;
  readonly device?: DeviceChoice;
  readonly fps?: number;
}

export function addEval(program: Command, context: Context): void {
  program
    .command('eval')
    .description('Score the testing clips of a data set, by all protocols.')
    .argument('<model>', 'model folder')
    .argument(
      '<data...>',
      'data set folder with a testing/ folder; several, or a pattern, are evaluated as one',
    )
    .option('--json', 'print the figures as JSON')
    .option('--report <dir>', 'write a report there, one HTML page')
    .addOption(deviceOption())
    .addOption(fpsOption())
    .addHelpText(
      'after',
      `
Example:
  $ m2s2l eval out/model demo/upcam --report out/report`,
    )
    .action((model: string, data: string[], options: Options) =>
      withFootage(data, context.signal, (paths) => runEval(model, paths, options, context)),
    );
}

async function runEval(
  folder: string,
  data: readonly string[],
  { json, report, device, fps }: Options,
  { signal, progress }: Context,
): Promise<void> {
  const model = await loadModel(folder, { device: await chosenDevice(device, progress) });
  try {
    const evaluation = await evaluate(model, data, {
      report,
      fps,
      signal,
      onDecode: (done, total, clip) =>
        progress.show({ what: 'reading', share: done / total, details: clip }),
      onScoring: (done, total, clip) =>
        progress.show({ what: 'scoring', share: done / total, details: clip }),
      onCorrupt: (clip) =>
        progress.note(corruptNote(clip.name, clip.corrupt, 'the frame before stands in')),
    });
    progress.end();
    await print(json ? `${JSON.stringify(evaluation)}\n` : evaluationText(evaluation, model));
    if (report !== undefined) progress.note(`report: ${join(report, 'index.html')}`);
  } finally {
    await model.release();
  }
}

function evaluationText(evaluation: Evaluation, { name, description }: Model): string {
  const { protocols, warmUp, localisation, operations } = evaluation;
  const { scoring, threshold, preset, configuration, quantisation } = description;
  const row = (protocol: string, f: ProtocolFigures) => [
    protocol,
    ...[f.microAuc, f.macroAuc, f.averagePrecision, f.eer].map((value) => figure(value, 4)),
  ];
  const { sigma, radius } = paperKernel;
  const truth =
    evaluation.anomalousFrames === null
      ? 'no labels'
      : `${figure(evaluation.anomalousFrames)} of them anomalous (labels: ${evaluation.labelSource})`;
  const events =
    operations.events === null
      ? '–'
      : `${figure(operations.eventsFound)} of ${figure(operations.events)}`;
  return `${evaluation.dataset}: ${plural(evaluation.frames, 'frame')}, ${truth}
${name}: ${preset}, ${configuration.task}${quantisation ? ', int8' : ''}, seed ${evaluation.seed}

${table([
  ['protocol', 'micro AUC', 'macro AUC', 'average precision', 'EER'],
  row('live', protocols.live),
  row('live, without warm-up', warmUp.liveWithout),
  row('raw', protocols.raw),
  row('paper', protocols.paper),
  row('paper+pace', protocols.paperPace),
  row('paper, whole set', protocols.paperWholeSet),
])}
  live              not normalised, mean of the last ${scoring.window} frames
  … without warm-up the same without the ${plural(warmUp.frames, 'frame')} before a clip's first score
  raw               not normalised, not smoothed
  paper             the paper's parts alone, min-max in each clip, Gaussian of sigma ${sigma} over ${2 * radius + 1} frames
  paper+pace        the same with the pace head in the motion error
  paper, whole set  "paper" without the min-max in each clip

pixel AUC  ${figure(localisation.pixelAuc, 4)}
RBDC       ${figure(localisation.rbdc, 4)}  (regions found, up to one false one a frame)
TBDC       ${figure(localisation.tbdc, 4)}  (tracks found, up to one false region a frame)

at the threshold ${figure(operations.threshold, 2)}, made for ${plural(threshold.budgetPerHour, 'alarm')} an hour on held-out normal footage:
  false alarms  ${falseAlarmText(operations)}
  events found  ${events}
  delay         ${operations.medianDelayFrames === null ? '–' : `${figure(operations.medianDelayFrames, 1)} frames`} (median)
${keptBudgetsText(evaluation)}

${figure(evaluation.framesPerSecond)} frames a second
`;
}

/** A rate says nothing without what it was measured on. */
function falseAlarmText(operations: Operations): string {
  const { alarmsPerHour, falseAlarms, normalHours, alarmsPerHourBound } = operations;
  if (falseAlarms === null || normalHours === null) return '–';
  return `${figure(alarmsPerHour, 1)} an hour: ${figure(falseAlarms)} in ${duration(3600 * normalHours)} of normal frames; at most ${figure(alarmsPerHourBound, 1)} an hour with ${100 * BOUND_CONFIDENCE} % confidence`;
}

/** Detection at budgets that are kept on this very footage; nothing without labels. */
function keptBudgetsText({ operations }: Evaluation): string {
  if (operations.keptBudgets.length === 0) return '';
  const rows = operations.keptBudgets.map(({ alarmsPerHour, threshold, eventsFound, events }) => [
    figure(alarmsPerHour),
    figure(threshold, 2),
    `${figure(eventsFound)} of ${figure(events)}`,
  ]);
  return `

where false alarms keep a budget on this footage:
${table([['alarms an hour', 'threshold', 'events found'], ...rows])}`;
}
