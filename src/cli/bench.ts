import { Argument, type Command } from 'commander';
import { benchInfer, type CamerasRate } from '../bench/infer.ts';
import { benchTrain } from '../bench/train.ts';
import { UserError } from '../errors.ts';
import type { Preset } from '../model/presets.ts';
import type { DeviceChoice } from '../runtime/device.ts';
import { type Context, print } from './context.ts';
import { chosenDevice } from './device.ts';
import { deviceOption, positiveInteger, presetOption } from './options.ts';
import { figure, large, table } from './text.ts';

interface Options {
  readonly preset: Preset;
  readonly json?: boolean;
  readonly device?: DeviceChoice;
  readonly steps?: number;
  readonly frames?: number;
  readonly int8?: boolean;
}

export function addBench(program: Command, { signal, progress }: Context): void {
  program
    .command('bench')
    .description('Measure how fast training or scoring is on this machine.')
    .addArgument(new Argument('<what>', 'what to measure').choices(['train', 'infer']))
    .addOption(presetOption().default('small' satisfies Preset))
    .option('--json', 'print the figures as JSON')
    .addOption(deviceOption())
    .option('--steps <n>', 'training steps to measure', positiveInteger)
    .option('--frames <n>', 'frames to score', positiveInteger)
    .option('--int8', 'score with convolutions in int8')
    .addHelpText(
      'after',
      `
Example:
  $ m2s2l bench infer --preset small --json`,
    )
    .action(async (what: 'train' | 'infer', { json, ...options }: Options) => {
      if (options.int8 && what === 'train')
        throw new UserError('bench: --int8 is for infer; training is in floating point');
      const onProgress = (done: number, total: number, details: string) =>
        progress.show({ what: `bench ${what}`, share: done / total, details });
      const bench = what === 'train' ? benchTrain : benchInfer;
      const device = await chosenDevice(options.device, progress);
      const result = await bench({ ...options, device, signal, onProgress });
      progress.end();
      await print(json ? `${JSON.stringify(result)}\n` : `${benchText(result)}\n`);
    });
}

/** Figures of both benches, in the order in which they are told. */
function benchText(result: object): string {
  return table(Object.entries(result).map(([name, value]) => [name, shown(name, value)]));
}

function shown(name: string, value: string | boolean | number | readonly CamerasRate[]): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'number')
    return value
      .map(({ cameras, framesPerSecond }) => `${cameras}: ${figure(framesPerSecond, 1)}`)
      .join(', ');
  if (name.endsWith('FlopsPerSecond') || name === 'flopsPerSecond') return `${large(value)}FLOP/s`;
  if (name.endsWith('Bytes')) return `${large(value)}B`;
  return figure(value, name === 'ratio' || name === 'dataWaitShare' ? 3 : 1);
}
