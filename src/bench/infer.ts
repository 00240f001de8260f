import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Detector } from '../detector/detector.ts';
import { scoreSource } from '../detector/score.ts';
import type { ModelConfiguration } from '../model/configuration.ts';
import { modelCost, parameterSpecs } from '../model/cost.ts';
import { type Preset, presetConfiguration } from '../model/presets.ts';
import { initialise, type Weights } from '../nn/parameters.ts';
import type { CellErrors } from '../scoring/blocks.ts';
import { type Calibration, calibrate } from '../scoring/calibration.ts';
import { StreamScorer } from '../scoring/score.ts';
import { openVideo } from '../video/open.ts';
import { writeFootage } from './footage.ts';
import { matmulRate } from './matmul-rate.ts';
import { median, quantile } from './quantile.ts';
import type { BenchOptions } from './train.ts';

export interface InferBench {
  readonly preset: Preset;
  /** From a 640x360 H.264 file to scores: decoding, resizing and scoring included. */
  readonly framesPerSecond: number;
  /** Of the model alone, on frames that lie in memory. */
  readonly modelFramesPerSecond: number;
  /** From a frame in memory to its score, one frame at a time. */
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Of the model alone; FLOPs as `info` counts them for a score from a whole clip. */
  readonly flopsPerSecond: number;
  readonly matmulFlopsPerSecond: number;
  readonly ratio: number;
}

/** Frames of each measurement, unless told. */
const measuredFrames: Readonly<Record<Preset, number>> = { tiny: 400, small: 150, base: 30 };

const footage = { width: 640, height: 360, fps: 25 };

/** Measures scoring with fresh weights: what they are makes no difference to the speed. */
export async function benchInfer(
  options: BenchOptions & { readonly frames?: number | undefined },
): Promise<InferBench> {
  const { preset, device = 'cpu', signal, onProgress } = options;
  const model = presetConfiguration(preset);
  const frames = options.frames ?? measuredFrames[preset];
  const folder = await mkdtemp(join(tmpdir(), 'm2s2l-bench-'));
  const detectors: Detector[] = [];
  const create = async (batch?: number) => {
    const detector = await Detector.create(model, freshWeights(model), { device, batch });
    detectors.push(detector);
    return detector;
  };
  const stage = (done: number, what: string) => {
    signal?.throwIfAborted();
    onProgress?.(done, 4, what);
  };
  try {
    const path = join(folder, 'footage.mp4');
    const rates = [await matmulRate(device)];
    const batched = await create();
    await writeFootage(path, footage, frames + batched.clipLength - 1);
    const pictures: Uint8Array[] = [];
    for await (const { data } of await openVideo(path, batched.format)) pictures.push(data);

    stage(0, 'warming up');
    const warmUp = await gather(
      batched.errors(inOrder(pictures.slice(0, batched.clipLength + 16))),
    );
    const calibration = calibrate([{ errors: warmUp, fps: footage.fps }]);

    stage(1, 'model alone');
    let started = performance.now();
    await gather(batched.errors(inOrder(pictures)));
    const modelFramesPerSecond = (1000 * frames) / (performance.now() - started);
    rates.push(await matmulRate(device));

    stage(2, 'file to scores');
    started = performance.now();
    let scored = 0;
    const source = await openVideo(path, batched.format);
    for await (const _ of scoreSource(batched, calibration, source)) scored += 1;
    const framesPerSecond = (1000 * scored) / (performance.now() - started);

    stage(3, 'one frame at a time');
    const latencies = await frameLatencies(await create(1), calibration, pictures);
    rates.push(await matmulRate(device));
    stage(4, 'done');

    const matmulFlopsPerSecond = median(rates);
    const flopsPerSecond = modelCost(model).flops * modelFramesPerSecond;
    return {
      preset,
      framesPerSecond,
      modelFramesPerSecond,
      medianMs: median(latencies),
      p99Ms: quantile(latencies, 0.99),
      flopsPerSecond,
      matmulFlopsPerSecond,
      ratio: flopsPerSecond / matmulFlopsPerSecond,
    };
  } finally {
    for (const detector of detectors) await detector.release();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Milliseconds from each frame to its score; the first few scores are left out. */
async function frameLatencies(
  detector: Detector,
  { statistics, scoring }: Calibration,
  pictures: readonly Uint8Array[],
): Promise<number[]> {
  const scorer = new StreamScorer(statistics, scoring);
  const results = detector.errors(inOrder(pictures));
  const latencies: number[] = [];
  for (;;) {
    const started = performance.now();
    const { done, value } = await results.next();
    if (done) return latencies.slice(Math.min(3, latencies.length - 1));
    if (!value) continue;
    scorer.push(value);
    latencies.push(performance.now() - started);
  }
}

function freshWeights(model: ModelConfiguration): Weights {
  return new Map(
    parameterSpecs(model).map((spec) => [
      spec.name,
      { shape: spec.shape, data: initialise([spec], 0) },
    ]),
  );
}

async function* inOrder(pictures: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pictures;
}

async function gather(errors: AsyncIterable<CellErrors | undefined>): Promise<CellErrors[]> {
  const found: CellErrors[] = [];
  for await (const frame of errors) if (frame) found.push(frame);
  return found;
}
