import { readFile } from 'node:fs/promises';
import { Argument, type Command } from 'commander';
import { type Comparison, compareRuns, type Run } from '../bench/compare.ts';
import { benchInfer, type CamerasRate } from '../bench/infer.ts';
import type { Machine } from '../bench/machine.ts';
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
  readonly runs: number;
  readonly compare?: string;
}

export function addBench(program: Command, { signal, progress }: Context): void {
  program
    .command('bench')
    .description('Measure how fast training or scoring is on this machine.')
    .addArgument(new Argument('<what>', 'what to measure').choices(['train', 'infer']))
    .addOption(presetOption().default('small' satisfies Preset))
    .option('--json', 'print the figures as JSON')
    .option('--runs <n>', 'measure so often; with --json an array of the runs', positiveInteger, 1)
    .option(
      '--compare <file.json>',
      'print ratios to figures that --json printed, with their spread',
    )
    .addOption(deviceOption())
    .option('--steps <n>', 'training steps to measure', positiveInteger)
    .option('--frames <n>', 'frames to score', positiveInteger)
    .option('--int8', 'score with convolutions in int8')
    .addHelpText(
      'after',
      `
Example:
Ratios are of the medians; in brackets the extremes over all pairs of runs.

Example:
  $ m2s2l bench infer --preset small --json`,
    )
    .action(async (what: 'train' | 'infer', options: Options) => {
      const { json, runs, compare } = options;
      const before = compare === undefined ? undefined : await readRuns(compare, options.preset);
      if (options.int8 && what === 'train')
        throw new UserError('bench: --int8 is for infer; training is in floating point');
      const onProgress = (done: number, total: number, details: string) =>
        progress.show({ what: `bench ${what}`, share: done / total, details });
      const bench = what === 'train' ? benchTrain : benchInfer;
      const device = await chosenDevice(options.device, progress);
      const { preset, steps, frames, int8 } = options;
      const results: Run[] = [];
      for (let run = 0; run < runs; run++) {
        const result = await bench({ preset, steps, frames, int8, device, signal, onProgress });
        results.push({ ...result });
        progress.end();
      }
      const comparisons = before && compareRuns(before, results);
      if (json) {
        const printed = runs === 1 ? results[0]! : results;
        await print(`${JSON.stringify(comparisons ? { runs: results, comparisons } : printed)}\n`);
        return;
      }
      const texts = comparisons ? [comparisonText(comparisons)] : results.map(benchText);
      await print(`${texts.join('\n\n')}\n`);
    });
}

/** What `bench --json` printed: one run, or several. @throws UserError where it is something else */
async function readRuns(path: string, preset: Preset): Promise<readonly Run[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`${path}: cannot be read (${error.code})`);
  });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new UserError(`${path}: is not JSON; give what bench --json printed`);
  }
  const { runs = parsed } = (parsed ?? {}) as { runs?: unknown };
  const found = (Array.isArray(runs) ? runs : [runs]) as (Run | null)[];
  if (found.length === 0 || !found.every((run) => typeof run?.preset === 'string'))
    throw new UserError(`${path}: holds no figures of bench; give what bench --json printed`);
  const other = found.find((run) => run!.preset !== preset);
  if (other) throw new UserError(`${path}: is of preset ${other.preset}, not ${preset}`);
  return found as Run[];
}

function comparisonText(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map(({ figure: name, before, now, ratio, lowest, highest }) => [
    name,
    shown(name, before),
    shown(name, now),
    `${figure(ratio, 2)} (${figure(lowest, 2)} to ${figure(highest, 2)})`,
  ]);
  return table([['figure', 'before', 'now', 'ratio'], ...rows]);
}

/** Figures of both benches, in the order in which they are printed. */
function benchText(result: object): string {
  return table(Object.entries(result).map(([name, value]) => [name, shown(name, value)]));
}

type Figure = string | boolean | number | Machine | readonly CamerasRate[];

function shown(name: string, value: Figure): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'object' && 'processor' in value) {
    const { processor, cores, instructions } = value;
    return `${processor}, ${cores} cores${instructions === null ? '' : `, ${instructions}`}`;
  }
  if (typeof value !== 'number')
    return value
      .map(({ cameras, framesPerSecond }) => `${cameras}: ${figure(framesPerSecond, 1)}`)
      .join(', ');
  if (name.endsWith('FlopsPerSecond') || name === 'flopsPerSecond') return `${large(value)}FLOP/s`;
  if (name.endsWith('Bytes')) return `${large(value)}B`;
  return figure(value, name === 'ratio' || name === 'dataWaitShare' ? 3 : 1);
}
