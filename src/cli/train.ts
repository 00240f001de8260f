import { type Command, Option } from 'commander';
import type { TrainedModel } from '../detector/model-file.ts';
import { presetConfiguration } from '../model/presets.ts';
import type { DeviceChoice } from '../runtime/device.ts';
import { modelChanges, trainingChanges } from '../training/changes.ts';
import { hasCheckpoint } from '../training/checkpoint.ts';
import { type TrainOptions, train } from '../training/train.ts';
import { Interrupted, type TrainingProgress } from '../training/trainer.ts';
import { type Context, Interrupt, print } from './context.ts';
import { chosenDevice } from './device.ts';
import { withFootage } from './inputs.ts';
import {
  batchSize,
  deviceOption,
  fpsOption,
  modelSize,
  positiveNumber,
  presetOption,
  seedNumber,
} from './options.ts';
import { duration } from './progress.ts';
import { commandLine, corruptNote, figure, plural } from './text.ts';

interface Options extends Pick<TrainOptions, 'preset' | 'task' | 'seed' | 'fps'> {
  readonly out: string;
  readonly json?: boolean;
  readonly epochs?: number;
  readonly minutes?: number;
  readonly batch?: number;
  readonly device?: DeviceChoice;
  readonly resume?: boolean;
  readonly size?: { width: number; height: number };
  readonly channels?: 'gray' | 'rgb';
  readonly alarmsPerHour?: number;
  readonly model?: string;
  readonly training?: string;
  readonly log?: string;
}

export function addTrain(program: Command, context: Context): void {
  program
    .command('train')
    .description('Learn what is normal, and write a model folder.')
    .argument(
      '<data...>',
      'data set folders, video files, folders of videos or of frames, patterns such as "*.mp4"; "-" is a video on stdin',
    )
    .requiredOption('--out <model>', 'model folder to be made')
    .addOption(presetOption('size of the model, else "small"'))
    .addOption(
      new Option(
        '--task <name>',
        'show the scored frame to the encoders, or hide it, else "reconstruct"',
      ).choices(['reconstruct', 'predict']),
    )
    .addOption(
      new Option('--epochs <n>', 'number of passes over the footage, else 20')
        .argParser(positiveNumber)
        .conflicts('minutes'),
    )
    .addOption(
      new Option(
        '--minutes <m>',
        'minutes of training; reading and calibration come on top',
      ).argParser(positiveNumber),
    )
    .option('--seed <s>', 'another seed gives another model, else 0', seedNumber)
    .option('--batch <n>', 'clips in one step, else 4, with "tiny" 16; a GPU wants 16', batchSize)
    .addOption(deviceOption())
    .option('--resume', 'go on with the unfinished training in --out')
    .option('--size <WxH>', 'pixels that the model sees, multiples of 16', modelSize)
    .addOption(new Option('--channels <name>', 'colours the model sees').choices(['gray', 'rgb']))
    .option('--alarms-per-hour <n>', 'what the threshold is made for, else 1', positiveNumber)
    .option(
      '--model <file|json>',
      'changes to the preset, a JSON file or JSON itself: \'{"temporal": {"strides": [1, 2, 4, 8]}}\'',
    )
    .option(
      '--training <file|json>',
      'changes to how it is trained, in the same way: \'{"learningRate": 0.0005}\'',
    )
    .option('--log <file>', 'write one JSON line a step or validation there')
    .addOption(fpsOption())
    .option('--json', 'print what was learned, and the threshold, as JSON')
    .addHelpText(
      'after',
      `
Example:
  $ m2s2l train demo/upcam --out out/model --preset tiny --minutes 1`,
    )
    .action((data: string[], options: Options) =>
      withFootage(data, context.signal, (paths) => runTrain(data, paths, options, context)),
    );
}

/** @param words as they were typed */
async function runTrain(
  words: readonly string[],
  data: readonly string[],
  options: Options,
  context: Context,
): Promise<void> {
  const { signal, progress } = context;
  const { out, epochs, minutes, size, channels, batch } = options;
  const input = { ...size, ...(channels && ({ channels: channels === 'gray' ? 1 : 3 } as const)) };
  const preset = presetConfiguration(options.preset ?? 'small', options.task, input);
  const changes =
    options.model === undefined ? undefined : await modelChanges(options.model, preset);
  const training = {
    ...(options.training !== undefined && (await trainingChanges(options.training))),
    ...(batch && { batch }),
  };
  try {
    const model = await train({
      data,
      out,
      preset: options.preset,
      task: options.task,
      input,
      model: changes,
      training: Object.keys(training).length > 0 ? training : undefined,
      log: options.log,
      length: epochs ? { epochs } : minutes ? { minutes } : undefined,
      alarmsPerHour: options.alarmsPerHour,
      seed: options.seed,
      fps: options.fps,
      device: await chosenDevice(options.device, progress),
      resume: options.resume,
      signal,
      onDecode: (done, total, what) =>
        progress.show({ what: 'reading', share: done / total, details: what }),
      onTraining: (state) => progress.show(trainingState(state)),
      onCalibration: (done, total) => progress.show({ what: 'calibrating', share: done / total }),
      onCorrupt: (clip) => progress.note(corruptNote(clip.name, clip.corrupt, 'skipped')),
    });
    progress.end();
    if (options.json) await print(`${JSON.stringify({ model: out, ...figures(model) })}\n`);
    else progress.note(summary(words, out, model).trimEnd());
  } catch (error) {
    progress.end();
    const stopped = error instanceof Interrupted || error instanceof Interrupt;
    if (stopped && (await hasCheckpoint(out))) {
      const again = context.argv.includes('--resume')
        ? context.argv
        : [...context.argv, '--resume'];
      progress.note(
        `interrupted; all that was learned is saved. Go on with:\n  ${commandLine(again)}`,
      );
    }
    // To the command line it is the same whether the trainer stopped or something before or after it.
    throw error instanceof Interrupted ? signal.reason : error;
  }
}

function trainingState({ share, secondsLeft, samplesPerSecond, losses }: TrainingProgress) {
  const { loss, ...terms } = losses;
  const named = Object.entries(terms).map(([name, value]) => `${name} ${brief(value)}`);
  const details = [
    `${figure(samplesPerSecond, samplesPerSecond < 10 ? 1 : 0)} samples/s`,
    `loss ${brief(loss!)}`,
    `(${named.join(', ')})`,
  ];
  return { what: 'training', share, secondsLeft, details: details.join('  ') };
}

const brief = (value: number): string => Number(value.toPrecision(3)).toString();

/** What `--json` prints: the description without the curves of the loss. */
function figures({ description }: TrainedModel) {
  const { preset, provenance, threshold } = description;
  return { preset, provenance, threshold };
}

function summary(data: readonly string[], out: string, { description }: TrainedModel): string {
  const { provenance, threshold } = description;
  const lines = [
    `model:      ${out}`,
    `learned:    ${plural(provenance.frames, 'frame')} of ${plural(provenance.clips, 'clip')}, ${figure(provenance.steps)} steps in ${duration(provenance.seconds)}`,
    `held out:   ${plural(provenance.heldOutFrames, 'frame')}, for the validation and the threshold`,
    `threshold:  ${figure(threshold.threshold, 2)}, for at most ${plural(threshold.budgetPerHour, 'alarm')} an hour`,
  ];
  if (provenance.corruptFrames > 0)
    lines.push(`skipped:    ${plural(provenance.corruptFrames, 'frame')} that cannot be decoded`);
  lines.push(
    'next:',
    `  ${commandLine(['eval', out, ...data])}`,
    `  ${commandLine(['score', out, 'VIDEO'])}`,
  );
  return `${lines.join('\n')}\n`;
}
