import { describe, expect, test } from 'vitest';
import {
  add,
  chunkedScan,
  concat,
  conv2d,
  countFlops,
  flopsByModule,
  Graph,
  matmul,
  mul,
  neg,
  pad,
  reduceSum,
  reshape,
  reverse,
  rmsNorm,
  type Shape,
  selectiveScan,
  shift,
  sigmoid,
  slice,
  softmax,
  transpose,
  type Value,
} from '../../src/graph/index.ts';

function flops(shapes: readonly Shape[], build: (...inputs: Value[]) => Value): number {
  const graph = new Graph();
  return countFlops([build(...shapes.map((shape, i) => graph.input(`x${i}`, shape)))]);
}

describe('counted by hand', () => {
  test('a matrix product: a multiply-add is 2', () => {
    expect(
      flops(
        [
          [2, 3],
          [3, 5],
        ],
        (a, b) => matmul(a, b),
      ),
    ).toBe(2 * 2 * 3 * 5);
    expect(
      flops(
        [
          [7, 3, 2],
          [5, 3],
        ],
        (a, b) => matmul(a, b, { transposeA: true, transposeB: true }),
      ),
    ).toBe(2 * 7 * 2 * 3 * 5);
  });

  test('a convolution, with and without bias', () => {
    const [x, w] = [
      [2, 3, 8, 4],
      [5, 3, 3, 3],
    ];
    expect(flops([x, w], (x, w) => conv2d(x, w))).toBe(2 * 5 * 8 * 4 * (2 * 3 * 9));
    expect(flops([x, w, [5]], (x, w, b) => conv2d(x, w, b))).toBe(2 * 5 * 8 * 4 * (2 * 3 * 9 + 1));
  });

  test('a depthwise convolution', () => {
    const build = (x: Value, w: Value) => conv2d(x, w, undefined, { groups: 3 });
    expect(
      flops(
        [
          [1, 3, 8, 4],
          [3, 1, 3, 3],
        ],
        build,
      ),
    ).toBe(3 * 8 * 4 * (2 * 9));
  });

  test('a scan: 5 T heads N P, for each clip', () => {
    const [B, T, heads, N, P] = [2, 7, 3, 4, 5];
    const shapes = [
      [B, T, heads * N],
      [B, T, heads * N],
      [B, T, heads * P],
      [B, T, heads],
    ];
    const count = flops(shapes, (q, k, v, g) => {
      return selectiveScan({ q: q!, k: k!, v: v!, logDecay: g! }, heads).y;
    });
    expect(count).toBe(B * 5 * T * heads * N * P);
  });

  test('element by element: one for each element of the result, a sigmoid as 4', () => {
    expect(flops([[3, 1], [4]], add)).toBe(12);
    expect(flops([[3, 4]], sigmoid)).toBe(48);
  });

  test('a sum, a softmax and a norm: by what they read', () => {
    expect(flops([[3, 4]], (x) => reduceSum(x, [1]))).toBe(12);
    // The product with ones that stands for it in the file costs more, and serves no more.
    expect(flops([[3, 4]], (x) => reduceSum(x, [0]))).toBe(12);
    expect(flops([[3, 4]], softmax)).toBe(60);
    expect(flops([[3, 4], [4]], (x, s) => rmsNorm(x, s))).toBe(48);
  });

  test('moving data costs nothing', () => {
    const build = (x: Value) =>
      pad(
        shift(
          slice(reverse(transpose(reshape(concat([x, x], 0), [4, 6]), [1, 0]), 0), 0, 1, 3),
          0,
          1,
        ),
        1,
        1,
        1,
      );
    expect(flops([[2, 6]], build)).toBe(0);
  });
});

test('a node that two outputs need is counted once, one that none needs is not', () => {
  const graph = new Graph();
  const x = graph.input('x', [10]);
  const shared = neg(x);
  mul(x, 3);
  expect(countFlops([add(shared, 1), add(shared, 2)])).toBe(30);
  expect(countFlops([])).toBe(0);
});

test('each module has its own share, and the shares are the whole', () => {
  const graph = new Graph();
  const x = graph.input('x', [10]);
  const a = graph.within('a', () => neg(x));
  const b = graph.within('b', () => graph.within('inner', () => add(mul(a, 2), 1)));
  const modules = flopsByModule([neg(b)]);
  expect(Object.fromEntries(modules)).toEqual({ a: 10, 'b.inner': 20, '': 10 });
  expect([...modules.values()].reduce((sum, count) => sum + count, 0)).toBe(countFlops([neg(b)]));
});

test('the scan in chunks costs more than the scan: the counter counts what is run', () => {
  const shapes = [
    [1, 64, 4],
    [1, 64, 4],
    [1, 64, 4],
    [1, 64, 1],
  ];
  const whole = flops(
    shapes,
    (q, k, v, g) => selectiveScan({ q: q!, k: k!, v: v!, logDecay: g! }, 1).y,
  );
  const chunked = flops(shapes, (q, k, v, g) => chunkedScan({ q: q!, k: k!, v: v!, g: g! }, 1, 32));
  expect(chunked).toBeGreaterThan(whole);
});
