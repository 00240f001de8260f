import type { Command } from 'commander';
import type { ScoredFrame } from '../detector/frame-scorer.ts';
import { loadModel } from '../detector/model.ts';
import { writeAtomically } from '../files/atomic.ts';
import type { DeviceChoice } from '../runtime/device.ts';
import { isCameraAddress } from '../video/camera.ts';
import { openSource } from '../video/open-source.ts';
import { type Context, print } from './context.ts';
import { chosenDevice } from './device.ts';
import { deviceOption, fpsOption } from './options.ts';
import { OverlayVideo } from './overlay.ts';
import { corruptNote, rateNote } from './text.ts';

interface Options {
  readonly jsonl?: string;
  readonly overlay?: string;
  readonly device?: DeviceChoice;
  readonly fps?: number;
}

type Sink = (frame: ScoredFrame) => Promise<void>;

export function addScore(program: Command, context: Context): void {
  program
    .command('score')
    .description('Score every frame of a video: how far from normal, why and where.')
    .argument('<model>', 'model folder')
    .argument('<video>', 'video file, folder of frames, or address of a camera')
    .option(
      '--jsonl <file>',
      'write one JSON line a frame; "-" is stdout, and the default without --overlay',
    )
    .option('--overlay <out.mp4>', 'draw the regions and the curve of the score into a video')
    .addOption(deviceOption())
    .addOption(fpsOption())
    .addHelpText(
      'after',
      `
Example:
  $ m2s2l score out/model demo/upcam/testing/videos/00.mp4 --jsonl out/scores.jsonl --overlay out/scored.mp4`,
    )
    .action((model: string, video: string, options: Options) =>
      runScore(model, video, options, context),
    );
}

async function runScore(
  folder: string,
  path: string,
  { overlay, fps, device, ...options }: Options,
  { signal, progress }: Context,
): Promise<void> {
  const jsonl = options.jsonl ?? (overlay === undefined ? '-' : undefined);
  const model = await loadModel(folder, { device: await chosenDevice(device, progress) });
  try {
    const original = overlay !== undefined;
    const live = isCameraAddress(path);
    const onLost = (reason: string, retryIn: number) =>
      progress.note(`camera lost: ${reason}; again in ${Math.ceil(retryIn / 1000)} s`);
    const source = await openSource(path, model.detector.format, { fps, original, signal, onLost });
    if (source.rateFrom && source.rateFrom !== 'video') progress.note(rateNote(path, source));
    const corrupt: number[] = [];
    const scoreInto = async (sinks: readonly Sink[]) => {
      for await (const frame of model.score(source)) {
        if (!live) signal.throwIfAborted();
        if (frame.corrupt) corrupt.push(frame.frame);
        for (const sink of sinks) await sink(frame);
        const total = source.expectedFrames;
        if (total)
          progress.show({ what: 'scoring', share: Math.min(1, (frame.frame + 1) / total) });
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
    const drawn = async (sinks: readonly Sink[]) => {
      if (overlay === undefined) return untilStopped(sinks);
      const threshold = model.description.threshold.threshold;
      const video = await OverlayVideo.open(overlay, source, threshold);
      try {
        await untilStopped([...sinks, (frame) => video.add(frame)]);
        await video.close();
      } finally {
        await video.abort();
      }
    };
    if (jsonl === undefined) await drawn([]);
    else if (jsonl === '-') await drawn([(frame) => print(jsonLine(frame))]);
    else
      await writeAtomically(jsonl, (file) => drawn([(frame) => file.writeFile(jsonLine(frame))]));
    progress.end();
    if (corrupt.length > 0)
      process.stderr.write(`${corruptNote(path, corrupt, 'the frame before stands in')}\n`);
  } finally {
    await model.release();
  }
}

/** A hundred-thousandth says nothing more, and lines stay short. */
const round = (value: number): number => Math.round(value * 1e5) / 1e5;

function jsonLine({ frame, time, score, appearance, motion, alarm, regions }: ScoredFrame): string {
  const line = {
    frame,
    time: round(time),
    score: round(score),
    appearance: round(appearance),
    motion: round(motion),
    alarm,
    regions: regions.map((region) => ({ ...region, score: round(region.score) })),
  };
  return `${JSON.stringify(line)}\n`;
}
