/**
 * A program: `node trial.js DEVICE` runs a few matrix products on a device and on the CPU, and prints
 * one line of JSON, a `Trial`. Whoever starts it must expect that it crashes.
 */

import * as ort from 'onnxruntime-node';
import { Graph, matmul, serialise } from '../graph/index.ts';
import type { Trial } from './device.ts';

const SIDE = 512;
const PRODUCTS = 4;
/** Two by default, as in our sessions. */
const THREADS = 2;
/** What takes so long, in milliseconds, is not measured again when it is warm. */
const HOPELESS = 1000;

ort.env.logLevel = 'fatal';

/** What the products take once everything is warm, in milliseconds. @throws when the device is not there. */
async function measure(device: string): Promise<number> {
  const graph = new Graph();
  const factor = graph.input('factor', [SIDE, SIDE]);
  let product = factor;
  for (let i = 0; i < PRODUCTS; i++) product = matmul(product, factor);
  const session = await ort.InferenceSession.create(serialise({ product }), {
    executionProviders: [device],
    intraOpNumThreads: THREADS,
    logSeverityLevel: 4,
  });
  const data = new Float32Array(SIDE * SIDE).fill(1 / SIDE);
  const run = async () => {
    const started = performance.now();
    await session.run({ factor: new ort.Tensor('float32', data, [SIDE, SIDE]) });
    return performance.now() - started;
  };
  let quickest = await run();
  for (let again = 0; again < 3 && quickest < HOPELESS; again++)
    quickest = Math.min(quickest, await run());
  await session.release();
  return quickest;
}

/** The runtime's message without the place in its source. */
function reasonOf(error: unknown): string {
  const [line] = (error as Error).message.split('\n') as [string];
  return line.replace(/^.* was false\. /, '').replace(/^\S+: (?=\S)/, '');
}

async function trial(device: string): Promise<Trial> {
  try {
    const milliseconds = await measure(device);
    return { usable: true, milliseconds, cpuMilliseconds: await measure('cpu') };
  } catch (error) {
    return { usable: false, reason: reasonOf(error) };
  }
}

process.stdout.write(`${JSON.stringify(await trial(process.argv[2]!))}\n`);
