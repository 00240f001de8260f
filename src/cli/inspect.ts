import { join } from 'node:path';
import type { Command } from 'commander';
import { writeInspectionReport } from '../evaluation/report/inspection-report.ts';
import { checkReportFolder } from '../evaluation/report/report.ts';
import type { DeviceChoice } from '../runtime/device.ts';
import { INSPECTED_FRAMES, inspect, type ModelInspection } from '../training/inspect.ts';
import { type Context, print } from './context.ts';
import { chosenDevice } from './device.ts';
import { withFootage } from './inputs.ts';
import { inspectionText } from './inspection-text.ts';
import { deviceOption, fpsOption, positiveInteger } from './options.ts';
import { corruptNote } from './text.ts';

interface Options {
  readonly frames?: number;
  readonly json?: boolean;
  readonly report?: string;
  readonly device?: DeviceChoice;
  readonly fps?: number;
}

export function addInspect(program: Command, context: Context): void {
  program
    .command('inspect')
    .description('Show what the parts of a model do while it sees normal footage.')
    .argument('<model>', 'model folder')
    .argument(
      '<data...>',
      'normal footage: data set folders (their training clips are taken), video files, folders of videos or of frames, patterns; "-" is a video on stdin',
    )
    .option(
      '--frames <n>',
      `frames to look at, spread evenly, else ${INSPECTED_FRAMES}`,
      positiveInteger,
    )
    .option('--json', 'print the figures as JSON')
    .option('--report <dir>', 'write a report with pictures there, one HTML page')
    .addOption(deviceOption())
    .addOption(fpsOption())
    .addHelpText(
      'after',
      `
Example:
  $ m2s2l inspect out/model demo/upcam --report out/inside`,
    )
    .action((model: string, data: string[], options: Options) =>
      withFootage(data, context.signal, (paths) => runInspect(model, paths, options, context)),
    );
}

async function runInspect(
  folder: string,
  data: readonly string[],
  { frames, json, report, device, fps }: Options,
  { signal, progress }: Context,
): Promise<void> {
  if (report !== undefined) await checkReportFolder(report);
  const found = await inspect(folder, data, {
    frames,
    fps,
    pictures: report !== undefined,
    device: await chosenDevice(device, progress),
    signal,
    onDecode: (done, total, what) =>
      progress.show({ what: 'reading', share: done / total, details: what }),
    onInspecting: (done, total) => progress.show({ what: 'inspecting', share: done / total }),
    onCorrupt: (clip) => progress.note(corruptNote(clip.name, clip.corrupt, 'left out')),
  });
  progress.end();
  if (report !== undefined) await writeInspectionReport(report, { ...found, model: folder });
  await print(json ? `${JSON.stringify(jsonOf(found))}\n` : inspectionText(folder, found));
  if (report !== undefined) process.stderr.write(`report: ${join(report, 'index.html')}\n`);
}

/** The figures, and what they are of. */
const jsonOf = ({ inspection, heldOut, dataset }: ModelInspection) => ({
  ...inspection,
  dataset,
  heldOut,
});
