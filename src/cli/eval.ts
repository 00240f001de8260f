import { join } from 'node:path';
import type { Command } from 'commander';
import { loadModel, type Model } from '../detector/model.ts';
import { type Evaluation, evaluate } from '../evaluation/evaluate.ts';
import { type ProtocolFigures, paperKernel } from '../evaluation/protocols.ts';
import type { DeviceChoice } from '../runtime/device.ts';
import { type Context, print } from './context.ts';
import { chosenDevice } from './device.ts';
import { deviceOption, fpsOption } from './options.ts';
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
    .argument('<data>', 'data set folder with a testing/ folder')
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
    .action((model: string, data: string, options: Options) =>
      runEval(model, data, options, context),
    );
}

async function runEval(
  folder: string,
  data: string,
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
    if (report !== undefined) process.stderr.write(`report: ${join(report, 'index.html')}\n`);
  } finally {
    await model.release();
  }
}

function evaluationText(evaluation: Evaluation, { name, description }: Model): string {
  const { protocols, localisation, operations } = evaluation;
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

${table([['protocol', 'micro AUC', 'macro AUC', 'average precision', 'EER'], row('live', protocols.live), row('paper', protocols.paper), row('raw', protocols.raw)])}
  live   not normalised, mean of the last ${scoring.window} frames
  paper  the paper's score, min-max in each clip, Gaussian of sigma ${sigma} over ${2 * radius + 1} frames
  raw    not normalised, not smoothed

pixel AUC  ${figure(localisation.pixelAuc, 4)}
RBDC       ${figure(localisation.rbdc, 4)}  (regions found, up to one false one a frame)
TBDC       ${figure(localisation.tbdc, 4)}  (tracks found, up to one false region a frame)

at the threshold ${figure(operations.threshold, 2)}, made for ${plural(threshold.budgetPerHour, 'alarm')} an hour on held-out normal footage:
  false alarms  ${figure(operations.alarmsPerHour, 1)} an hour of normal frames
  events found  ${events}
  delay         ${operations.medianDelayFrames === null ? '–' : `${figure(operations.medianDelayFrames, 1)} frames`} (median)
${keptBudgetsText(evaluation)}

${figure(evaluation.framesPerSecond)} frames a second
`;
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
