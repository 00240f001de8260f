import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { activationRanges } from '../detector/activation-ranges.ts';
import { Detector } from '../detector/detector.ts';
import { scoreSource } from '../detector/score.ts';
import { readSafetensors, writeSafetensors } from '../files/safetensors.ts';
import { clipLength, clipOffsets, type ModelConfiguration } from '../model/configuration.ts';
import { modelCost } from '../model/cost.ts';
import { type Preset, presetConfiguration } from '../model/presets.ts';
import type { CellErrors } from '../scoring/blocks.ts';
import { type Calibration, calibrate } from '../scoring/calibration.ts';
import { StreamScorer } from '../scoring/score.ts';
import type { Frame } from '../video/frame.ts';
import { openVideo } from '../video/open.ts';
import { writeFootage } from './footage.ts';
import { freshWeights } from './fresh-weights.ts';
import { type Machine, thisMachine } from './machine.ts';
import { matmulRate } from './matmul-rate.ts';
import { median, quantile } from './quantile.ts';
import type { BenchOptions } from './train.ts';

export interface InferBench {
  readonly preset: Preset;
  /** Only where its convolutions were in int8. */
  readonly int8?: true;
  /** From a 640x360 H.264 file to scores, after the first: decoding, resizing and scoring included. */
  readonly framesPerSecond: number;
  /** Of the model alone, on frames of one stream that lie in memory, in the batches of files. */
  readonly modelFramesPerSecond: number;
  /** From a frame in memory to its score, one frame of one camera at a time. */
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Of the model alone; FLOPs as `info` counts them for one more frame of a stream. */
  readonly flopsPerSecond: number;
  readonly matmulFlopsPerSecond: number;
  readonly ratio: number;
  /** Frames a second of the model alone, of all cameras together, when each has a frame in turn. */
  readonly cameras: readonly CamerasRate[];
  /** What is kept of one more camera. */
  readonly stateBytes: number;
  /** Of the process with one camera; what wrote the footage is in it. */
  readonly peakMemoryBytes: number;
  /** From a model's weights on disk to the first score of the file: reading, compiling, warm-up. */
  readonly firstScoreMs: number;
  readonly machine: Machine;
}

export interface CamerasRate {
  readonly cameras: number;
  readonly framesPerSecond: number;
}

/** Frames of each measurement, unless told. */
const measuredFrames: Readonly<Record<Preset, number>> = { tiny: 400, small: 150, base: 30 };

/** Clips that the ranges for int8 are measured on, or a few more. */
const measuredClips = 10;

const cameraCounts = [1, 4, 16];

const footage = { width: 640, height: 360, fps: 25 };

/** Measures scoring with fresh weights: what they are makes no difference to the speed. */
export async function benchInfer(
  options: BenchOptions & {
    readonly frames?: number | undefined;
    /** Convolutions in int8, with ranges from the bench's own footage. */
    readonly int8?: boolean | undefined;
  },
): Promise<InferBench> {
  const { preset, device = 'cpu', int8 = false, signal, onProgress } = options;
  const model = presetConfiguration(preset);
  const frames = options.frames ?? measuredFrames[preset];
  const folder = await mkdtemp(join(tmpdir(), 'm2s2l-bench-'));
  let detector: Detector | undefined;
  const stage = (done: number, what: string) => {
    signal?.throwIfAborted();
    onProgress?.(done, 5, what);
  };
  try {
    const path = join(folder, 'footage.mp4');
    const weights = join(folder, 'weights.safetensors');
    await writeSafetensors(weights, { tensors: freshWeights(model), metadata: {} });
    await writeFootage(path, footage, frames + clipLength(model) - 1);

    stage(0, 'starting');
    const ranges = int8
      ? await activationRanges(
          model,
          freshWeights(model),
          clipsOf(model, await picturesOf(path, model)),
        )
      : undefined;
    let started = performance.now();
    const { tensors } = await readSafetensors(weights);
    detector = await Detector.create(model, tensors, { device }, ranges);
    await firstErrors(detector, await openVideo(path, model.input));
    const firstScoreMs = performance.now() - started;

    const pictures = await picturesOf(path, model);
    const warmUp = await gather(
      detector.errors(inOrder(pictures.slice(0, detector.clipLength + 16))),
    );
    const calibration = calibrate([{ errors: warmUp, fps: footage.fps }]);

    stage(1, 'model alone');
    const rates = [await matmulRate(device)];
    started = performance.now();
    await gather(detector.errors(inOrder(pictures)));
    const modelFramesPerSecond = (1000 * frames) / (performance.now() - started);
    rates.push(await matmulRate(device));

    stage(2, 'file to scores');
    const source = await openVideo(path, model.input);
    let scored = 0;
    for await (const { frame } of scoreSource(detector, calibration, source))
      if (frame < detector.clipLength) started = performance.now();
      else scored += 1;
    const framesPerSecond = (1000 * scored) / (performance.now() - started);

    stage(3, 'one frame at a time');
    const latencies = await frameLatencies(detector, calibration, pictures);
    const peakMemoryBytes = process.resourceUsage().maxRSS * 1024;

    stage(4, 'several cameras');
    const cameras: CamerasRate[] = [];
    for (const count of cameraCounts) cameras.push(await camerasRate(detector, pictures, count));
    rates.push(await matmulRate(device));
    stage(5, 'done');

    const matmulFlopsPerSecond = median(rates);
    const flopsPerSecond = modelCost(model).streamingFlops * modelFramesPerSecond;
    return {
      preset,
      ...(int8 && { int8 }),
      framesPerSecond,
      modelFramesPerSecond,
      medianMs: median(latencies),
      p99Ms: quantile(latencies, 0.99),
      flopsPerSecond,
      matmulFlopsPerSecond,
      ratio: flopsPerSecond / matmulFlopsPerSecond,
      cameras,
      stateBytes: detector.open().bytes,
      peakMemoryBytes,
      firstScoreMs,
      machine: await thisMachine(),
    };
  } finally {
    await detector?.release();
    await rm(folder, { recursive: true, force: true });
  }
}

async function picturesOf(path: string, { input }: ModelConfiguration): Promise<Uint8Array[]> {
  const pictures: Uint8Array[] = [];
  for await (const { data } of await openVideo(path, input)) pictures.push(data);
  return pictures;
}

/** Some clips, as the model sees them, spread over the footage. */
async function* clipsOf(
  c: ModelConfiguration,
  pictures: readonly Uint8Array[],
): AsyncGenerator<Uint8Array> {
  const first = clipLength(c) - 1;
  const apart = Math.max(1, Math.floor((pictures.length - first) / measuredClips));
  for (let now = first; now < pictures.length; now += apart)
    yield Buffer.concat(clipOffsets(c).map((offset) => pictures[now - offset]!));
}

/** Reads a video up to its first errors. */
async function firstErrors(detector: Detector, video: AsyncIterable<Frame>): Promise<void> {
  const stream = detector.open();
  for await (const { data } of video) {
    const [errors] = await detector.step([{ stream, frame: data }]);
    if (errors) return;
  }
}

/** Milliseconds from each frame to its score; the first few scores are left out. */
async function frameLatencies(
  detector: Detector,
  { statistics, scoring }: Calibration,
  pictures: readonly Uint8Array[],
): Promise<number[]> {
  const scorer = new StreamScorer(statistics, scoring);
  const stream = detector.open();
  const latencies: number[] = [];
  for (const frame of pictures) {
    const started = performance.now();
    const [errors] = await detector.step([{ stream, frame }]);
    if (!errors) continue;
    scorer.push(errors);
    latencies.push(performance.now() - started);
  }
  return latencies.slice(Math.min(3, latencies.length - 1));
}

/** Cameras that see the same, one or several frames later than each other. */
async function camerasRate(
  detector: Detector,
  pictures: readonly Uint8Array[],
  cameras: number,
): Promise<CamerasRate> {
  const streams = Array.from({ length: cameras }, () => detector.open());
  const turn = (at: number) =>
    detector.step(
      streams.map((stream, i) => ({ stream, frame: pictures[(at + i) % pictures.length]! })),
    );
  for (let at = 0; at < detector.clipLength; at++) await turn(at);
  const turns = Math.max(2, Math.floor((pictures.length - detector.clipLength) / cameras));
  const started = performance.now();
  for (let at = 0; at < turns; at++) await turn(detector.clipLength + at);
  return { cameras, framesPerSecond: (1000 * turns * cameras) / (performance.now() - started) };
}

async function* inOrder(pictures: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pictures;
}

async function gather(errors: AsyncIterable<CellErrors | undefined>): Promise<CellErrors[]> {
  const found: CellErrors[] = [];
  for await (const frame of errors) if (frame) found.push(frame);
  return found;
}
