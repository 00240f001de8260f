import { describe, expect, test } from 'vitest';
import {
  type ActivationRanges,
  add,
  conv2d,
  Graph,
  mul,
  neg,
  type Range,
  relu,
  serialise,
  sub,
  type Value,
} from '../../src/graph/index.ts';
import { bytesOf, quantiseKernel } from '../../src/graph/onnx/int8-convolution.ts';
import { Model } from '../../src/graph/onnx/schema.ts';
import { Session, type Tensor } from '../../src/runtime/session.ts';
import { normal } from './evaluate.ts';

type Int8 = ReadonlyMap<string, ActivationRanges>;

/** A convolution with random constants, in a module of its name. */
function convolution(name: string, x: Value, outputs: number, kernel: 1 | 3, bias = true): Value {
  const { graph } = x;
  const shape = [outputs, x.shape[1]!, kernel, kernel];
  const size = x.shape[1]! * kernel ** 2;
  const weights = normal(shape, `${name} ${shape}`).data.map((w) => w / Math.sqrt(size));
  return graph.within(name, () =>
    conv2d(
      x,
      graph.constant(weights, shape),
      bias ? graph.constant(normal([outputs], name).data, [outputs]) : undefined,
    ),
  );
}

async function run(outputs: Record<string, Value>, x: Tensor, int8?: Int8) {
  const session = await Session.compile(outputs, { int8 });
  try {
    return await session.run({ x });
  } finally {
    await session.release();
  }
}

const rangeOf = ({ data }: Tensor): Range => [Math.min(...data), Math.max(...data)];

/** Root mean square of the difference, over that of the second. */
function apart(a: Tensor, b: Tensor): number {
  let [difference, whole] = [0, 0];
  b.data.forEach((value, i) => {
    difference += (a.data[i]! - value) ** 2;
    whole += value ** 2;
  });
  return Math.sqrt(difference / whole);
}

/** Means of the difference over each channel of `[B, C, H, W]`: what is shifted, whatever is rounded. */
function shifts(a: Tensor, b: Tensor): number[] {
  const [batch, channels, ...picture] = b.shape as [number, number, number, number];
  const size = picture[0]! * picture[1]!;
  const sums = new Array<number>(channels).fill(0);
  b.data.forEach((value, i) => {
    sums[Math.floor(i / size) % channels]! += a.data[i]! - value;
  });
  return sums.map((sum) => sum / (batch * size));
}

const operatorsOf = (outputs: Record<string, Value>, int8: Int8): string[] => {
  const { graph } = Model.toObject(Model.decode(serialise(outputs, { int8 }))) as {
    graph: { node: { opType: string }[] };
  };
  return graph.node.map(({ opType }) => opType);
};

describe('a convolution in int8 is the float one but for rounding:', () => {
  test.each([
    { channels: 1, outputs: 1, kernel: 3, side: 5 },
    { channels: 3, outputs: 8, kernel: 1, side: 7 },
    { channels: 16, outputs: 16, kernel: 3, side: 8 },
    { channels: 33, outputs: 20, kernel: 3, side: 9 },
    { channels: 64, outputs: 7, kernel: 1, side: 16 },
    { channels: 80, outputs: 48, kernel: 3, side: 6 },
  ] as const)(
    '$channels to $outputs channels, $kernel wide',
    async ({ channels, outputs, kernel, side }) => {
      for (const [shift, bias, batch] of [
        [0, true, 1],
        [1.5, true, 2],
        [-4, false, 1],
      ] as const) {
        // Shifted numbers: padding with anything but 0, or a wrong zero, would be off by much.
        const noise = normal([batch, channels, side, side], `${channels} ${shift}`);
        const x = { ...noise, data: noise.data.map((value) => value + shift) };
        const graph = new Graph();
        const y = convolution('c', graph.input('x', x.shape), outputs, kernel, bias);
        const { y: float } = await run({ y }, x);
        const output = rangeOf(float!);
        const int8 = new Map([['c', { input: rangeOf(x), output }]]);
        expect(operatorsOf({ y }, int8)).toContain('QLinearConv');
        const { y: rounded } = await run({ y }, x, int8);
        expect(apart(rounded!, float!)).toBeLessThan(0.015);
        const step = bytesOf(output).scale;
        for (const mean of shifts(rounded!, float!)) expect(Math.abs(mean)).toBeLessThan(step);
      }
    },
  );
});

describe('between convolutions', () => {
  const x = normal([1, 12, 8, 8], 'chain');
  const shape = x.shape;

  test('bytes stay bytes through a rectifier, and are numbers where numbers are asked for', async () => {
    const build = (graph: Graph) => {
      const first = convolution('first', graph.input('x', shape), 16, 3);
      const hidden = relu(first);
      const second = convolution('second', hidden, 16, 3);
      return { first, hidden, second, sum: add(hidden, second) };
    };
    const float = await run(build(new Graph()), x);
    const int8 = new Map([
      ['first', { input: rangeOf(x), output: rangeOf(float.first!) }],
      ['second', { input: rangeOf(float.hidden!), output: rangeOf(float.second!) }],
    ]);
    const { sum } = build(new Graph());
    expect(operatorsOf({ sum }, int8)).toEqual([
      'QuantizeLinear',
      'QLinearConv',
      'QLinearConv',
      'DequantizeLinear',
      'DequantizeLinear',
      'Add',
    ]);
    expect(apart((await run({ sum }, x, int8)).sum!, float.sum!)).toBeLessThan(0.015);
  });

  test('what more than rectifiers read keeps its numbers below 0', async () => {
    const graph = new Graph();
    const y = convolution('y', graph.input('x', shape), 4, 3);
    const outputs = { y, positive: relu(y), negative: neg(y), twice: mul(relu(y), 2) };
    const float = await run(outputs, x);
    const int8 = new Map([['y', { input: rangeOf(x), output: rangeOf(float.y!) }]]);
    const rounded = await run(outputs, x, int8);
    for (const name of Object.keys(outputs))
      expect(apart(rounded[name]!, float[name]!), name).toBeLessThan(0.02);
  });

  test('an output of the graph may be one of bytes', async () => {
    const graph = new Graph();
    const outputs = { rectified: relu(convolution('c', graph.input('x', shape), 4, 3)) };
    const float = await run(outputs, x);
    const int8 = new Map([['c', { input: rangeOf(x), output: rangeOf(float.rectified!) }]]);
    const { rectified } = await run(outputs, x, int8);
    expect(apart(rectified!, float.rectified!)).toBeLessThan(0.015);
    expect(Math.min(...rectified!.data)).toBe(0);
  });

  test('numbers beyond their range are as its end', async () => {
    const graph = new Graph();
    const y = convolution('c', graph.input('x', shape), 4, 3);
    const float = await run({ y }, x);
    const int8 = new Map([['c', { input: rangeOf(x), output: [-0.5, 0.25] as const }]]);
    const { y: cut } = await run({ y }, x, int8);
    expect(Math.max(...float.y!.data)).toBeGreaterThan(1);
    const [least, greatest] = rangeOf(cut!);
    expect(least).toBeCloseTo(-0.5, 2);
    expect(greatest).toBeCloseTo(0.25, 2);
  });

  test('a depthwise convolution, one of an unknown kernel and one without ranges stay as they are', () => {
    const graph = new Graph();
    const picture = graph.input('x', shape);
    const ranges = { input: [-1, 1], output: [-1, 1] } as const;
    const depthwise = graph.within('depthwise', () =>
      conv2d(picture, graph.constant(normal([12, 1, 3, 3], 1).data, [12, 1, 3, 3]), undefined, {
        groups: 12,
      }),
    );
    const unknown = graph.within('unknown', () =>
      conv2d(picture, graph.input('kernel', [12, 12, 1, 1])),
    );
    const y = sub(add(depthwise, unknown), convolution('other', picture, 12, 1));
    const int8 = new Map([
      ['depthwise', ranges],
      ['unknown', ranges],
    ]);
    expect(operatorsOf({ y }, int8)).toEqual(['Conv', 'Conv', 'Add', 'Conv', 'Sub']);
  });
});

describe('bytes for a range', () => {
  test.each([
    [[-1, 2], 85],
    [[0, 5], 0],
    [[2, 5], 0],
    [[-5, -2], 255],
    [[-1, 3], 64],
  ] as const)('%j have the zero %d, and 0 is exact', (range, zero) => {
    const bytes = bytesOf(range);
    expect(bytes.zero).toBe(zero);
    const ends = [Math.min(0, range[0]), Math.max(0, range[1])];
    expect(Math.abs(-bytes.zero * bytes.scale - ends[0]!)).toBeLessThan(bytes.scale);
    expect(Math.abs((255 - bytes.zero) * bytes.scale - ends[1]!)).toBeLessThan(bytes.scale);
  });

  test('of nothing but 0 are no division by 0', () => {
    expect(bytesOf([0, 0])).toEqual({ scale: 1, zero: 0 });
  });
});

test('a channel of zeros, or of next to nothing, keeps its bias', () => {
  const { weights, scales, bias } = quantiseKernel(
    Float32Array.of(0, 0, 1e-12, -1e-12, 0, 0, 1, -0.5),
    Float32Array.of(0.3, -7, 0, 2),
    0.02,
  );
  const back = [...bias].map((steps, channel) => steps * 0.02 * scales[channel]!);
  [0.3, -7, 0, 2].forEach((offset, channel) => {
    expect(back[channel]).toBeCloseTo(offset, 2);
  });
  expect([...weights.slice(6)]).toEqual([127, -64]);
});
