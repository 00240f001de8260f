import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { loadModel } from '../detector/model.ts';
import { checkReportFolder } from '../evaluation/report/report.ts';
import type { Rehearsal } from '../rehearsal/figures.ts';
import { rehearse } from '../rehearsal/rehearse.ts';
import { writeRehearsal } from '../rehearsal/report.ts';
import type { DeviceChoice } from '../runtime/device.ts';
import { type Context, print } from './context.ts';
import { chosenDevice } from './device.ts';
import { withFootage } from './inputs.ts';
import { deviceOption, fpsOption, positiveInteger, positiveNumber, seedNumber } from './options.ts';
import { corruptNote, figure, plural, table } from './text.ts';

interface Options {
  readonly alarmsPerDay: readonly number[];
  readonly drill?: number;
  readonly seed: number;
  readonly json?: boolean;
  readonly report?: string;
  readonly device?: DeviceChoice;
  readonly fps?: number;
}

export function addRehearse(program: Command, context: Context): void {
  program
    .command('rehearse')
    .description(
      'Run a model over footage in order, as the service would: alarms, thresholds, and whether odd things would be noticed.',
    )
    .argument('<model>', 'model folder')
    .argument(
      '<footage...>',
      'video files or folders of frames of one camera in order, patterns such as "*.mp4"; "-" is a video on stdin',
    )
    .addOption(
      new Option(
        '--alarms-per-day <n>',
        'alarm budget; several, as 24,4, are tried on the same scores',
      )
        .argParser(budgets)
        .default([24], '24'),
    )
    .option(
      '--drill <n>',
      'put this many odd people and objects into the footage, at random times',
      positiveInteger,
    )
    .option('--seed <n>', 'seed of the drill', seedNumber, 0)
    .option('--json', 'print the figures as JSON')
    .option('--report <dir>', 'write a report there, one HTML page')
    .addOption(deviceOption())
    .addOption(fpsOption())
    .addHelpText(
      'after',
      `
Example:
  $ m2s2l rehearse out/model monday.mp4 tuesday.mp4 --alarms-per-day 24,4 --drill 50`,
    )
    .action((model: string, footage: string[], options: Options) =>
      withFootage(footage, context.signal, (paths) => runRehearse(model, paths, options, context)),
    );
}

/** One budget or several, separated by commas. */
const budgets = (text: string): readonly number[] => text.split(',').map(positiveNumber);

async function runRehearse(
  folder: string,
  footage: readonly string[],
  { json, report, device, alarmsPerDay, drill, seed, fps }: Options,
  { signal, progress }: Context,
): Promise<void> {
  if (report !== undefined) await checkReportFolder(report);
  const model = await loadModel(folder, { device: await chosenDevice(device, progress) });
  try {
    const rehearsal = await rehearse(model, footage, {
      alarmsPerDay,
      drill,
      seed,
      fps,
      signal,
      onProgress: (share, file) => progress.show({ what: 'rehearsing', share, details: file }),
      onCorrupt: (file, frames) =>
        progress.note(corruptNote(file, frames, 'the frame before stands in')),
    });
    progress.end();
    if (report !== undefined) await writeRehearsal(report, rehearsal);
    const text = (rehearsal.budgets ?? [rehearsal]).map(rehearsalText).join('\n');
    await print(json ? `${JSON.stringify(rehearsal)}\n` : text);
    if (report !== undefined) process.stderr.write(`report: ${join(report, 'index.html')}\n`);
  } finally {
    await model.release();
  }
}

function rehearsalText(rehearsal: Rehearsal): string {
  const { hours, budgetPerDay, alarms, guarantee, guaranteeConstant, shadow, threshold } =
    rehearsal;
  const later =
    rehearsal.alarmsPerDayLater === null
      ? ''
      : `, ${figure(rehearsal.alarmsPerDayLater, 1)} after the first`;
  const lines = [
    `${rehearsal.model}: ${figure(hours, 1)} hours, budget ${plural(budgetPerDay, 'alarm')} a day`,
    '',
    `alarms           ${figure(alarms)}, ${figure(rehearsal.alarmsPerDay, 1)} a day${later}; at most ${figure(rehearsal.worstDay)} within 24 hours, ${figure(rehearsal.worstHour)} in one`,
    `hours over       ${figure(rehearsal.hoursOverBudget)} of ${figure(Math.ceil(hours))}`,
    `guarantee        at most ${figure(guarantee, 1)} in this time: the budget and ${figure(guaranteeConstant, 1)}, whatever the footage shows`,
    `threshold        first ${figure(threshold.first, 2)}, median ${figure(threshold.median, 2)}, last ${figure(threshold.last, 2)}; ${figure(threshold.least, 2)} to ${figure(threshold.most, 2)}`,
  ];
  if (rehearsal.withheld > 0)
    lines.push(`withheld         ${figure(rehearsal.withheld)}, with the budget used up`);
  if (shadow.hours > 0)
    lines.push(
      `shadow           the first ${figure(shadow.hours, 1)} hours, with ${plural(shadow.alarms, 'alarm')}: too little footage for this budget`,
    );
  lines.push('', ...rehearsal.peaks.map(peakLine));
  return `${lines.join('\n')}\n${drillText(rehearsal.drill)}`;
}

function peakLine({ time, score, file }: Rehearsal['peaks'][number]): string {
  const minutes = Math.floor(time / 60);
  const seconds = String(Math.floor(time % 60)).padStart(2, '0');
  return `alarm at ${minutes}:${seconds} of ${file}, peak ${figure(score, 1)}`;
}

function drillText(drill: Rehearsal['drill']): string {
  if (drill === undefined) return '';
  const { inserted, found, medianDelaySeconds, kinds, blockDifference } = drill;
  const share = inserted > 0 ? ` (${figure((100 * found) / inserted)} %)` : '';
  const rows = Object.entries(kinds).map(([kind, of]) => [
    kind,
    `${figure(of.found)} of ${figure(of.inserted)}`,
  ]);
  return `
drill: ${figure(found)} of ${figure(inserted)} noticed${share}, after ${figure(medianDelaySeconds, 1)} s in the median
${rows.length > 0 ? `${table(rows)}\n` : ''}a block difference with as many alarms notices ${figure(blockDifference.found)}
`;
}
