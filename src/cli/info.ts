import type { Command } from 'commander';
import { type ModelDescription, readModel } from '../detector/model-file.ts';
import { UserError } from '../errors.ts';
import { clipLength, type ModelConfiguration } from '../model/configuration.ts';
import { type ModelCost, modelCost } from '../model/cost.ts';
import { type Preset, presetConfiguration } from '../model/presets.ts';
import { print } from './context.ts';
import { presetOption } from './options.ts';
import { duration } from './progress.ts';
import { figure, large, plural, table } from './text.ts';

interface Options {
  readonly preset?: Preset;
  readonly json?: boolean;
}

export function addInfo(program: Command): void {
  program
    .command('info')
    .description('Say what a model is and what it costs.')
    .argument('[model]', 'model folder')
    .addOption(presetOption())
    .option(
      '--json',
      'print its parameters and operations, and of a model its description, as JSON',
    )
    .addHelpText(
      'after',
      `
Example:
  $ m2s2l info --preset base`,
    )
    .action((model: string | undefined, options: Options) => runInfo(model, options));
}

async function runInfo(folder: string | undefined, { preset, json }: Options): Promise<void> {
  if ((folder === undefined) === (preset === undefined))
    throw new UserError('info: give either a model folder or --preset');
  const description = folder === undefined ? undefined : (await readModel(folder)).description;
  const configuration = description?.configuration ?? presetConfiguration(preset!);
  const cost = modelCost(configuration);
  const text = [
    ...(description ? [descriptionText(folder!, description)] : []),
    costText(description?.preset ?? preset!, configuration, cost),
  ];
  const { history, ...training } = description?.training ?? { history: [], settings: {} };
  const facts = description ? { ...cost, description: { ...description, training } } : cost;
  await print(json ? `${JSON.stringify(facts)}\n` : `${text.join('\n\n')}\n`);
}

function descriptionText(
  folder: string,
  { provenance, threshold, version, quantisation }: ModelDescription,
) {
  const int8 = quantisation
    ? `\n  int8       ${plural(Object.keys(quantisation.ranges).length, 'convolution')}`
    : '';
  return `${folder}
  learned    ${provenance.data}: ${plural(provenance.frames, 'frame')} of ${plural(provenance.clips, 'clip')}, ${figure(provenance.steps)} steps in ${duration(provenance.seconds)}
  held out   ${plural(provenance.heldOutFrames, 'frame')}
  data       sha256 ${provenance.dataFingerprint}
  seed       ${provenance.seed}
  made       ${provenance.created} by m2s2l ${version} on ${provenance.device}
  threshold  ${figure(threshold.threshold, 2)}, for at most ${plural(threshold.budgetPerHour, 'alarm')} an hour${int8}`;
}

function costText(preset: string, c: ModelConfiguration, cost: ModelCost): string {
  const { width, height, channels } = c.input;
  const rows = cost.modules.map(({ name, parameters, flops }) => [
    name,
    figure(parameters),
    large(flops),
  ]);
  return `${preset}, ${c.task}: sees ${width}x${height} ${channels === 1 ? 'gray' : 'RGB'}, ${plural(clipLength(c), 'frame')} for a score

${table([['module', 'parameters', 'FLOPs'], ...rows, ['all', figure(cost.parameters), large(cost.flops)]])}

${large(cost.flops)}FLOPs for one score from a whole clip, ${large(cost.streamingFlops)}FLOPs for one more frame
when the features of past frames are kept. Counted over the graph, op by op: a multiply-add
as 2, a scan of [T, heads, N, P] as 5 T heads N P, moving data as none.`;
}
