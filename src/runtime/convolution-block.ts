import * as ort from 'onnxruntime-node';
import { conv2d, Graph, type Shape, serialise, sizeOf } from '../graph/index.ts';

/** Sizes of blocks that the runtime has for some processor. */
const SIZES = [16, 8];
/** Channels of the convolution that is tried: several blocks of any size. */
const CHANNELS = 32;

let found: Promise<number | undefined> | undefined;

/**
 * Channels in a block of the layout in which the runtime computes convolutions on this processor;
 * undefined where it has none. Tried once: the size that gives the numbers of the plain operator.
 */
export function convolutionBlock(): Promise<number | undefined> {
  found ??= trySizes();
  return found;
}

async function trySizes(): Promise<number | undefined> {
  const plain = await convolve(undefined);
  for (const block of SIZES) {
    // A runtime that has not the operators refuses the file.
    const made = await convolve(block).catch(() => undefined);
    if (made?.every((value, i) => Math.abs(value - plain[i]!) < 1e-3)) return block;
  }
  return undefined;
}

/** A convolution of made-up numbers with a kernel that is fed. */
async function convolve(block: number | undefined): Promise<Float32Array> {
  const graph = new Graph();
  const x = graph.input('x', [1, CHANNELS, 3, 4]);
  const kernel = graph.input('kernel', [CHANNELS, CHANNELS, 3, 3]);
  const model = serialise({ y: conv2d(x, kernel) }, { block });
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1 });
  try {
    const fed = (shape: Shape) => {
      const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 7) % 31) / 31);
      return new ort.Tensor(data, shape);
    };
    const { y } = await session.run({ x: fed(x.shape), kernel: fed(kernel.shape) });
    return y!.data as Float32Array;
  } finally {
    await session.release();
  }
}
