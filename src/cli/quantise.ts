import type { Command } from 'commander';
import { UserError } from '../errors.ts';
import { quantise } from '../training/quantise.ts';
import { type Context, print } from './context.ts';
import { withFootage } from './inputs.ts';
import { fpsOption } from './options.ts';
import { commandLine, figure, plural } from './text.ts';

interface Options {
  readonly fps?: number;
  readonly json?: boolean;
}

export function addQuantise(program: Command, context: Context): void {
  program
    .command('quantise')
    .description('Make a quicker model of a model: its convolutions in int8, on the CPU.')
    .argument('<model>', 'model folder')
    .argument('<data...>', 'what it was trained on, and last the model folder to be made')
    .usage('[options] <model> <data...> <out>')
    .addOption(fpsOption())
    .option('--json', 'print the threshold as JSON')
    .addHelpText(
      'after',
      `
Ranges, statistics and threshold come from the footage that was held out when the model was trained.

Example:
  $ m2s2l quantise out/model demo/upcam out/int8`,
    )
    .action(async (model: string, places: string[], options: Options) => {
      const data = places.slice(0, -1);
      if (data.length === 0)
        throw new UserError(
          `${places[0]}: give what the model was trained on, and then the model folder to be made`,
        );
      await withFootage(data, context.signal, (paths) =>
        runQuantise(model, paths, places.at(-1)!, options, context),
      );
    });
}

async function runQuantise(
  model: string,
  data: readonly string[],
  out: string,
  { fps, json }: Options,
  { signal, progress }: Context,
): Promise<void> {
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
  if (json) {
    await print(`${JSON.stringify({ model: out, convolutions: count, threshold })}\n`);
    return;
  }
  progress.note(`model:      ${out}, ${plural(count, 'convolution')} in int8
threshold:  ${figure(threshold.threshold, 2)}, for at most ${plural(threshold.budgetPerHour, 'alarm')} an hour
next:
  ${commandLine(['eval', out, ...data])}`);
}
