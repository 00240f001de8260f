import { mkdir } from 'node:fs/promises';
import type { Command } from 'commander';
import type { ScoredFrame } from '../detector/frame-scorer.ts';
import { loadModel, type Model } from '../detector/model.ts';
import { scoreLine } from '../detector/score-line.ts';
import { UserError } from '../errors.ts';
import { diskError, writeAtomically } from '../files/atomic.ts';
import type { DeviceChoice } from '../runtime/device.ts';
import type { PictureRegion } from '../scoring/regions/regions.ts';
import { isCameraAddress } from '../video/camera.ts';
import { openSource } from '../video/open-source.ts';
import { type Context, print } from './context.ts';
import { chosenDevice } from './device.ts';
import { expandInputs, outputPaths, withInput } from './inputs.ts';
import { deviceOption, fpsOption } from './options.ts';
import { OverlayVideo } from './overlay.ts';
import { readRegions } from './regions-file.ts';
import { corruptNote, rateNote } from './text.ts';

interface Options {
  readonly jsonl?: string;
  readonly overlay?: string;
  readonly device?: DeviceChoice;
  readonly fps?: number;
  readonly regions?: string;
  readonly store?: string;
  readonly files?: string;
}

type Sink = (frame: ScoredFrame) => Promise<void>;

export function addScore(program: Command, context: Context): void {
  program
    .command('score')
    .description('Score every frame of a video: how far from normal, why and where.')
    .argument('<model>', 'model folder')
    .argument(
      '<video...>',
      'video files, folders of frames, patterns such as "*.mp4", or the address of a camera; "-" is stdin',
    )
    .option(
      '--jsonl <file>',
      'write one JSON line a frame; "-" is stdout, and the default without --overlay',
    )
    .option(
      '--overlay <out.mp4>',
      'draw the regions and the curve of the score into a video; of several inputs, into a folder',
    )
    .option(
      '--regions <file>',
      'regions and zones of a camera, as JSON: scores are then those of the service',
    )
    .addOption(deviceOption())
    .addOption(fpsOption())
    .option(
      '--store <address>',
      'let the workers of a PostgreSQL score the files, postgres://USER@HOST/DATABASE; goes on where it was',
    )
    .option('--files <dir>', 'with --store: the folder that its workers share')
    .addHelpText(
      'after',
      `
With several inputs each JSON line begins with the input that it is about.

Example:
  $ m2s2l score out/model demo/upcam/testing/videos/00.mp4 --jsonl out/scores.jsonl --overlay out/scored.mp4`,
    )
    .action((model: string, videos: string[], options: Options) =>
      runScore(model, videos, options, context),
    );
}

async function runScore(
  folder: string,
  words: readonly string[],
  { overlay, fps, device, store, files, regions: regionsPath, ...options }: Options,
  context: Context,
): Promise<void> {
  const jsonl = options.jsonl ?? (overlay === undefined ? '-' : undefined);
  const inputs = await expandInputs(words);
  if (inputs.length > 1 && inputs.some(isCameraAddress))
    throw new UserError('a camera among several inputs: its frames never end; score it alone');
  const regions = regionsPath === undefined ? undefined : await readRegions(regionsPath);
  if (store !== undefined || files !== undefined) {
    if (store === undefined) throw new UserError('--files: goes with --store');
    if (files === undefined)
      throw new UserError('--store: goes with --files, the folder that its workers share');
    if (overlay !== undefined || device !== undefined)
      throw new UserError(
        `${overlay === undefined ? '--device' : '--overlay'}: is not for workers; leave it or --store out`,
      );
    // The queue's packages take a while to load: only who uses it waits for them.
    const { runArchive } = await import('./score-archive.ts');
    await runArchive(
      { model: folder, inputs, store, files, jsonl: jsonl ?? '-', fps, regions },
      context,
    );
    return;
  }
  const overlays = overlay === undefined ? [] : await overlayPaths(inputs, overlay);
  const model = await loadModel(folder, { device: await chosenDevice(device, context.progress) });
  try {
    const scoreAll = async (line: ((text: string) => Promise<void>) | undefined) => {
      for (const [i, input] of inputs.entries()) {
        const video = inputs.length > 1 ? input : undefined;
        const sink = line && ((frame: ScoredFrame) => line(scoreLine(frame, video)));
        await withInput(input, context.signal, (path) =>
          scoreOne(model, path, { fps, overlay: overlays[i], sink, regions }, context),
        );
      }
    };
    if (jsonl === undefined) await scoreAll(undefined);
    else if (jsonl === '-') await scoreAll(print);
    else await writeAtomically(jsonl, (file) => scoreAll((text) => file.writeFile(text)));
  } finally {
    await model.release();
  }
}

/** Where the overlay of each input goes. */
async function overlayPaths(inputs: readonly string[], overlay: string): Promise<string[]> {
  if (inputs.length === 1) return [overlay];
  if (overlay.endsWith('.mp4'))
    throw new UserError(
      `--overlay ${overlay}: is one file for ${inputs.length} inputs; give a folder`,
    );
  await mkdir(overlay, { recursive: true }).catch((error: unknown) => {
    throw diskError(error, overlay);
  });
  return outputPaths(inputs, overlay, '.mp4');
}

interface ScoreOne {
  readonly fps: number | undefined;
  readonly overlay: string | undefined;
  readonly sink: Sink | undefined;
  readonly regions: readonly PictureRegion[] | undefined;
}

async function scoreOne(
  model: Model,
  path: string,
  { fps, overlay, sink, regions }: ScoreOne,
  { signal, progress }: Context,
): Promise<void> {
  const original = overlay !== undefined;
  const live = isCameraAddress(path);
  const onLost = (reason: string, retryIn: number) =>
    progress.note(`camera lost: ${reason}; again in ${Math.ceil(retryIn / 1000)} s`);
  const source = await openSource(path, model.detector.format, { fps, original, signal, onLost });
  if (source.rateFrom && source.rateFrom !== 'video') progress.note(rateNote(path, source));
  const corrupt: number[] = [];
  const scoreInto = async (sinks: readonly Sink[]) => {
    for await (const frame of model.score(source, { signal, regions })) {
      if (frame.corrupt) corrupt.push(frame.frame);
      for (const each of sinks) await each(frame);
      const total = source.expectedFrames;
      if (total)
        progress.show({
          what: 'scoring',
          share: Math.min(1, (frame.frame + 1) / total),
        });
    }
  };
  const untilStopped = async (sinks: readonly Sink[]) => {
    try {
      await scoreInto(sinks);
    } catch (error) {
      // A camera has no end of its own: what was scored until Ctrl-C is whole.
      if (!live || error !== signal.reason) throw error;
    }
  };
  const sinks = sink ? [sink] : [];
  if (overlay === undefined) await untilStopped(sinks);
  else {
    const threshold = model.description.threshold.threshold;
    const video = await OverlayVideo.open(overlay, source, threshold);
    try {
      await untilStopped([...sinks, (frame) => video.add(frame)]);
      await video.close();
    } finally {
      await video.abort();
    }
  }
  progress.end();
  if (corrupt.length > 0) progress.note(corruptNote(path, corrupt, 'the frame before stands in'));
}
