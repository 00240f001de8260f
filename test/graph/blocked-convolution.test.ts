import { expect, test } from 'vitest';
import { conv2d, Graph, type Shape, serialise, sizeOf } from '../../src/graph/index.ts';
import { Model } from '../../src/graph/onnx/schema.ts';
import { convolutionBlock } from '../../src/runtime/convolution-block.ts';
import { Session } from '../../src/runtime/session.ts';

interface Sizes {
  readonly channels: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly groups?: number;
}

const [batch, height, width] = [2, 5, 6];

function convolution({ channels, outputs, kernel, groups = 1 }: Sizes, fixed = false) {
  const graph = new Graph();
  const x = graph.input('x', [batch, channels, height, width]);
  const shape = [outputs, channels / groups, kernel, kernel];
  const w = fixed ? graph.constant(numbers(shape, 3), shape) : graph.input('w', shape);
  return { y: conv2d(x, w, graph.input('bias', [outputs]), { groups }), x, shape };
}

const numbers = (shape: Shape, step: number): Float32Array =>
  Float32Array.from({ length: sizeOf(shape) }, (_, i) => ((i * step) % 29) / 29 - 0.4);

function operatorsOf(sizes: Sizes, block: number | undefined, fixed = false): string[] {
  const { y } = convolution(sizes, fixed);
  const { graph } = Model.toObject(Model.decode(serialise({ y }, { block })), { arrays: true });
  return graph.node.map(({ domain, opType }: Record<string, string>) =>
    domain ? `${domain} ${opType}` : opType,
  );
}

test.each<Sizes>([
  { channels: 32, outputs: 16, kernel: 3 },
  { channels: 16, outputs: 48, kernel: 5 },
  { channels: 32, outputs: 32, kernel: 3, groups: 32 },
])('a convolution in blocks gives the numbers of the definition: %o', async (sizes) => {
  const { y, x, shape } = convolution(sizes);
  const { outputs, kernel, groups = 1 } = sizes;
  const fed = { x: numbers(x.shape, 7), w: numbers(shape, 3), bias: numbers([outputs], 5) };
  const session = await Session.compile({ y });
  const made = await session.run({
    x: { shape: x.shape, data: fed.x },
    w: { shape, data: fed.w },
    bias: { shape: [outputs], data: fed.bias },
  });
  await session.release();
  const inner = sizes.channels / groups;
  const half = kernel >> 1;
  let worst = 0;
  for (let at = 0; at < sizeOf(y.shape); at++) {
    const [column, row] = [at % width, Math.floor(at / width) % height];
    const plane = Math.floor(at / (width * height));
    const [out, clip] = [plane % outputs, Math.floor(plane / outputs)];
    let sum = fed.bias[out]!;
    for (let c = 0; c < inner; c++)
      for (let i = 0; i < kernel; i++)
        for (let j = 0; j < kernel; j++) {
          const [r, q] = [row + i - half, column + j - half];
          if (r < 0 || r >= height || q < 0 || q >= width) continue;
          const channel = groups === 1 ? c : out;
          const pixel = fed.x[((clip * sizes.channels + channel) * height + r) * width + q]!;
          sum += pixel * fed.w[((out * inner + c) * kernel + i) * kernel + j]!;
        }
    worst = Math.max(worst, Math.abs(sum - made.y!.data[at]!));
  }
  expect(worst).toBeLessThan(1e-4);
});

test('blocks are written where the kernel is fed and the channels fill them', () => {
  const blocked = 'com.microsoft.nchwc Conv';
  const dense = { channels: 32, outputs: 16, kernel: 3 };
  expect(operatorsOf(dense, 16)).toContain(blocked);
  expect(operatorsOf({ ...dense, groups: 32, outputs: 32 }, 16)).toContain(blocked);
  expect(operatorsOf(dense, undefined)).toEqual(['Conv']);
  expect(operatorsOf(dense, 16, true)).toEqual(['Conv']);
  expect(operatorsOf({ ...dense, kernel: 1 }, 16)).toEqual(['Conv']);
  expect(operatorsOf({ ...dense, outputs: 24 }, 16)).toEqual(['Conv']);
  expect(operatorsOf({ ...dense, channels: 8 }, 16)).toEqual(['Conv']);
  expect(operatorsOf({ ...dense, channels: 8 }, 8)).toContain(blocked);
});

test('the size of a block is found by trying, on x64 there is one', async () => {
  const sizes = process.arch === 'x64' ? [16, 8] : [16, 8, undefined];
  expect(sizes).toContain(await convolutionBlock());
});
