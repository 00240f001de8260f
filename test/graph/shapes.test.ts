import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as g from '../../src/graph/index.ts';
import { Graph, GraphError, type Shape, type Value } from '../../src/graph/index.ts';
import { chunkedScan } from '../../src/graph/primitives/scan-chunked.ts';
import { buildProblem } from './central-differences.ts';
import { evaluate } from './evaluate.ts';
import { GRADIENT_PROBLEMS } from './gradient-problems/index.ts';

/** The message of the GraphError that building with inputs of these shapes throws. */
function refusal(shapes: readonly Shape[], build: (...inputs: Value[]) => unknown): string {
  const graph = new Graph();
  const inputs = shapes.map((shape, i) => graph.input(`x${i}`, shape));
  try {
    build(...inputs);
  } catch (error) {
    expect(error).toBeInstanceOf(GraphError);
    return (error as Error).message;
  }
  throw new Error('was not refused');
}

describe('errors appear as the graph is built', () => {
  test('they name the operator, its inputs and the module', () => {
    const graph = new Graph();
    const a = graph.input('a', [2, 3]);
    const b = graph.input('b', [4, 3]);
    const build = () => graph.within('spatial', () => graph.within('fine.0', () => g.matmul(a, b)));
    expect(build).toThrow(
      new GraphError(
        'matmul(float32[2,3], float32[4,3]) in spatial.fine.0: inner size of the second matrix is 4, expected 3',
      ),
    );
    expect(graph.module).toBe('');
    expect(graph.nodes).toEqual([]);
  });

  test('outside modules they name none', () => {
    expect(refusal([[2], [3]], g.add)).toBe(
      'add(float32[2], float32[3]): shapes [2] and [3] do not broadcast',
    );
  });

  test('values of two graphs', () => {
    const [a, b] = [new Graph(), new Graph()].map((graph) => graph.input('x', [1]));
    expect(() => g.add(a!, b!)).toThrow(
      'add(float32[1], float32[1]): float32[1] belongs to another graph',
    );
  });

  test('two element types', () => {
    const graph = new Graph();
    const wide = graph.input('wide', [2], 'float64');
    const x = graph.input('x', [2]);
    const mixed = [
      () => g.add(x, wide),
      () => g.equal(x, wide),
      () => g.concat([x, wide], 0),
      () => g.matmul(g.reshape(x, [1, 2]), g.reshape(wide, [2, 1])),
    ];
    for (const build of mixed) expect(build).toThrow(/element types differ/);
  });

  test('an input declared twice, or of no shape', () => {
    const graph = new Graph();
    graph.input('x', [1]);
    expect(() => graph.input('x', [1])).toThrow("input 'x' is declared twice");
    for (const shape of [[0], [-1], [2.5], [Number.NaN]])
      expect(() => graph.input('y', shape)).toThrow(`input 'y': [${shape}] is not a shape`);
  });

  test('a constant of another size than its shape', () => {
    expect(() => new Graph().constant([1, 2, 3], [2, 2])).toThrow(
      'constant of 3 elements for shape [2,2]',
    );
  });

  test('two numbers without a value', () => {
    expect(() => g.add(1, 2)).toThrow('one of two operands must be a value of a graph');
  });
});

const refused: Record<string, [Shape[], (...inputs: Value[]) => unknown, RegExp]> = {
  'sub: no common shape': [
    [
      [2, 3],
      [2, 2],
    ],
    g.sub,
    /\[2,3\] and \[2,2\] do not broadcast/,
  ],
  'equal: no common shape': [
    [
      [2, 3],
      [3, 2],
    ],
    g.equal,
    /do not broadcast/,
  ],
  'reduceSum: no such axis': [[[2, 3]], (x) => g.reduceSum(x, [2]), /axis 2 of a value of rank 2/],
  'reduceMax: no such axis': [
    [[2, 3]],
    (x) => g.reduceMax(x, [-3]),
    /axis -3 of a value of rank 2/,
  ],
  'softmax: a scalar': [[[]], g.softmax, /softmax\(float32\[\]\): .*axis/],
  'cumulativeSum: no such axis': [
    [[2]],
    (x) => g.cumulativeSum(x, 1),
    /axis 1 of a value of rank 1/,
  ],
  'reshape: another size': [[[2, 3]], (x) => g.reshape(x, [5]), /does not fit \[5\]/],
  'reshape: sizes that are no whole numbers': [
    [[3, 2]],
    (x) => g.reshape(x, [1.5, 4]),
    /float32\[1.5,4\] is not a shape/,
  ],
  'reshape: negative sizes': [[[3, 2]], (x) => g.reshape(x, [-3, -2]), /is not a shape/],
  'transpose: an axis twice': [
    [[2, 3]],
    (x) => g.transpose(x, [1, 1]),
    /\[1,1\] does not order its axes/,
  ],
  'transpose: an axis missing': [[[2, 3]], (x) => g.transpose(x, [1]), /does not order/],
  'broadcastTo: smaller': [
    [[2, 3]],
    (x) => g.broadcastTo(x, [1, 3]),
    /does not broadcast to \[1,3\]/,
  ],
  'broadcastTo: another size': [[[2, 3]], (x) => g.broadcastTo(x, [2, 4]), /do not broadcast/],
  'concat: other sizes beside the axis': [
    [
      [2, 3],
      [2, 4],
    ],
    (...xs) => g.concat(xs, 0),
    /shapes differ outside axis 0/,
  ],
  'concat: other ranks': [[[2, 3], [2]], (...xs) => g.concat(xs, 0), /shapes differ/],
  'concat: no such axis': [[[2], [2]], (...xs) => g.concat(xs, 1), /axis 1 of a value of rank 1/],
  'slice: past the end': [[[2, 3]], (x) => g.slice(x, 1, 1, 4), /1\.\.4 of axis 1, which has 3/],
  'slice: nothing': [[[2, 3]], (x) => g.slice(x, 1, 1, 1), /1\.\.1 of axis 1/],
  'slice: before the start': [[[2, 3]], (x) => g.slice(x, 1, -1, 2), /-1\.\.2 of axis 1/],
  'slice: no such axis': [[[2]], (x) => g.slice(x, 1, 0, 1), /axis 1 of a value of rank 1/],
  'pad: negative': [[[2]], (x) => g.pad(x, 0, -1, 2), /padding must not be negative/],
  'shift: as far as it is long': [
    [[2]],
    (x) => g.shift(x, 0, -2),
    /by -2 along axis 0, which has 2/,
  ],
  'pad: no such axis': [[[2]], (x) => g.pad(x, 1, 1, 0), /axis 1 of a value of rank 1/],
  'take: one place more often': [
    [[3]],
    (x) => g.take(x, 0, [0, 1, 1]),
    /each of 3 places equally often/,
  ],
  'take: no such place': [[[3]], (x) => g.take(x, 0, [0, 1, 3]), /equally often/],
  'take: no such axis': [[[3]], (x) => g.take(x, 1, [0]), /axis 1 of a value of rank 1/],
  'matmul: a vector': [[[3], [3, 2]], (a, b) => g.matmul(a, b), /needs matrices/],
  'matmul: inner sizes': [
    [
      [2, 3],
      [3, 4],
    ],
    (a, b) => g.matmul(a, b, { transposeB: true }),
    /is 4, expected 3/,
  ],
  'matmul: leading axes': [
    [
      [2, 1, 3],
      [4, 3, 1],
    ],
    (a, b) => g.matmul(a, b),
    /\[2\] and \[4\] do not broadcast/,
  ],
  'conv2d: no picture': [
    [
      [3, 4, 4],
      [1, 3, 3, 3],
    ],
    (x, w) => g.conv2d(x, w),
    /the picture must have 4 axes, has 3/,
  ],
  'conv2d: no kernel': [
    [
      [1, 3, 4, 4],
      [3, 3],
    ],
    (x, w) => g.conv2d(x, w),
    /the kernel must have 4 axes, has 2/,
  ],
  'conv2d: an even kernel': [
    [
      [1, 3, 4, 4],
      [1, 3, 2, 3],
    ],
    (x, w) => g.conv2d(x, w),
    /kernel sizes must be odd/,
  ],
  'conv2d: channels': [
    [
      [1, 3, 4, 4],
      [1, 2, 3, 3],
    ],
    (x, w) => g.conv2d(x, w),
    /channels of the kernel times groups is 2, expected 3/,
  ],
  'conv2d: bias': [
    [[1, 3, 4, 4], [2, 3, 1, 1], [3]],
    (x, w, b) => g.conv2d(x, w, b),
    /shape of the bias is 3, expected 2/,
  ],
  'conv2d: groups': [
    [
      [1, 4, 4, 4],
      [4, 2, 1, 1],
    ],
    (x, w) => g.conv2d(x, w, undefined, { groups: 2 }),
    /groups must be 1 or the channels/,
  ],
  'conv2d: outputs of a depthwise kernel': [
    [
      [1, 2, 4, 4],
      [4, 1, 1, 1],
    ],
    (x, w) => g.conv2d(x, w, undefined, { groups: 2 }),
    /output channels of a depthwise kernel is 4, expected 2/,
  ],
  'rmsNorm: a scale of another size': [
    [[2, 3], [2]],
    g.rmsNorm,
    /size of the scale is 2, expected 3/,
  ],
  'rmsNorm: a scale of two axes': [
    [
      [2, 3],
      [1, 3],
    ],
    g.rmsNorm,
    /the scale must have 1 axes, has 2/,
  ],
};

test.each(Object.entries(refused))('%s is refused', (_, [shapes, build, message]) => {
  expect(refusal(shapes, build)).toMatch(message);
});

describe('the scan refuses', () => {
  const right = { q: [2, 5, 6], k: [2, 5, 6], v: [2, 5, 8], g: [2, 5, 2] };
  const scanned = (wrong: Partial<Record<'q' | 'k' | 'v' | 'g' | 'past', Shape>>, heads = 2) => {
    const { q, k, v, g: decay, past } = { past: [2, 2, 3, 4], ...right, ...wrong };
    return refusal([q, k, v, decay, past], (q, k, v, logDecay, pastState) =>
      g.selectiveScan({ q: q!, k: k!, v: v!, logDecay: logDecay!, pastState }, heads),
    );
  };

  test('shapes that do not fit each other', () => {
    expect(scanned({ k: [2, 5, 4] })).toMatch(/shape of k is 2,5,4, expected 2,5,6/);
    expect(scanned({ v: [2, 4, 8] })).toMatch(/shape of v is 2,4,8, expected 2,5,8/);
    expect(scanned({ g: [2, 5, 3] })).toMatch(/shape of the log decay is 2,5,3, expected 2,5,2/);
    expect(scanned({ past: [2, 2, 4, 3] })).toMatch(
      /shape of the past state is 2,2,4,3, expected 2,2,3,4/,
    );
    expect(scanned({ q: [5, 6] })).toMatch(/q must have 3 axes, has 2/);
    expect(scanned({ q: [2, 5, 5] })).toMatch(/q has 5 columns for 2 heads/);
    expect(scanned({ v: [2, 5, 7] })).toMatch(/v has 7 columns for 2 heads/);
  });

  test('a graph in float64, where it has no kernel', () => {
    const graph = new Graph('float64');
    const x = graph.input('x', [1, 2, 1]);
    expect(() => g.selectiveScan({ q: x, k: x, v: x, logDecay: x }, 1)).toThrow(
      /runs in float32 only/,
    );
  });

  test('chunks that do not divide the steps', () => {
    expect(refusal([[1, 10, 1]], (x) => chunkedScan({ q: x, k: x, v: x, g: x }, 1, 4))).toBe(
      'a scan of 10 steps does not divide into chunks of 4',
    );
  });
});

test('the inferred shapes are those that the runtime gives', async () => {
  const problems = fc.oneof(...Object.values(GRADIENT_PROBLEMS));
  await fc.assert(
    fc.asyncProperty(problems, async (problem) => {
      const { outputs } = buildProblem(problem);
      const named = Object.fromEntries(outputs.map((value, i) => [`y${i}`, value]));
      const feeds = Object.fromEntries(problem.inputs.map((input, i) => [`x${i}`, input]));
      const results = await evaluate(named, feeds);
      outputs.forEach(({ shape }, i) => {
        expect(results[`y${i}`]!.shape, problem.what).toEqual(shape);
        expect(results[`y${i}`]!.data, problem.what).toHaveLength(g.sizeOf(shape));
      });
    }),
    { numRuns: 60 },
  );
});

test('the gradient of a sum over no axes is that of the value itself', async () => {
  const graph = new Graph('float64');
  const x = graph.input('x', [2, 2]);
  const { y } = await evaluate(
    { y: g.reduceSum(x, []) },
    { x: { shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) } },
  );
  expect([...y!.data]).toEqual([1, 2, 3, 4]);
});
