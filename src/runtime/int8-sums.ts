import * as ort from 'onnxruntime-node';
import { conv2d, Graph, serialise } from '../graph/index.ts';

/** Channels of the convolution that is tried: enough for any kernel of the runtime. */
const channels = 64;

let found: Promise<boolean> | undefined;

/**
 * Whether this processor's sums of int8 products are wrong: those without the instructions made for
 * it add pairs in 16 bits, where large ones do not fit. The runtime then has a slower way. Tried once.
 */
export function int8Overflows(): Promise<boolean> {
  found ??= tryLargest();
  return found;
}

/** Ones, on the largest bytes, times ones, as the largest weights: each result is the channels' number. */
async function tryLargest(): Promise<boolean> {
  const graph = new Graph();
  const ones = (size: number) => new Float32Array(size).fill(1);
  const x = graph.input('x', [1, channels, 4, 4]);
  const kernel = graph.constant(ones(channels * channels), [channels, channels, 1, 1]);
  const y = graph.within('tried', () => conv2d(x, kernel));
  const int8 = new Map([['tried', { input: [0, 1], output: [0, channels] } as const]]);
  const session = await ort.InferenceSession.create(serialise({ y }, { int8 }), {
    intraOpNumThreads: 1,
  });
  try {
    const { y: sums } = await session.run({ x: new ort.Tensor(ones(16 * channels), x.shape) });
    return (sums!.data as Float32Array).some((sum) => Math.abs(sum - channels) > 1);
  } finally {
    await session.release();
  }
}
