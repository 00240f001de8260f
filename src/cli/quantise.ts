import type { Command } from 'commander';
import { quantise } from '../training/quantise.ts';
import type { Context } from './context.ts';
import { fpsOption } from './options.ts';
import { commandLine, figure, plural } from './text.ts';

export function addQuantise(program: Command, { signal, progress }: Context): void {
  program
    .command('quantise')
    .description('Make a quicker model of a model: its convolutions in int8, on the CPU.')
    .argument('<model>', 'model folder')
    .argument('<data>', 'what it was trained on')
    .argument('<out>', 'model folder to be made')
    .addOption(fpsOption())
    .addHelpText(
      'after',
      `
Ranges, statistics and threshold come from the footage that was held out when the model was trained.

Example:
  $ m2s2l quantise out/model demo/upcam out/int8`,
    )
    .action(async (model: string, data: string, out: string, { fps }: { fps?: number }) => {
      const shown = (what: string) => (done: number, total: number, details?: string) =>
        progress.show({ what, share: done / total, details });
      const { description } = await quantise(model, data, out, {
        fps,
        signal,
        onDecode: shown('reading'),
        onMeasuring: shown('measuring'),
        onCalibration: shown('calibrating'),
      });
      progress.end();
      const { quantisation, threshold } = description;
      const count = Object.keys(quantisation!.ranges).length;
      process.stderr.write(`model:      ${out}, ${plural(count, 'convolution')} in int8
threshold:  ${figure(threshold.threshold, 2)}, for at most ${plural(threshold.budgetPerHour, 'alarm')} an hour
next:
  ${commandLine(['eval', out, data])}
`);
    });
}
