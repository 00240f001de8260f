import fc from 'fast-check';
import type { FloatType } from '../../../src/graph/index.ts';
import * as g from '../../../src/graph/index.ts';
import { type Options, problem, seed, shapes, stretchable } from './problem.ts';

const size = fc.integer({ min: 1, max: 3 });

export const linear = {
  matmul: fc
    .record({
      batch: fc
        .array(size, { maxLength: 2 })
        .chain((to) => fc.tuple(stretchable(to), stretchable(to))),
      sizes: fc.tuple(size, size, size),
      transposeA: fc.boolean(),
      transposeB: fc.boolean(),
      float: fc.constantFrom<FloatType>('float64', 'float32'),
      seed,
    })
    .map(({ batch, sizes: [m, k, n], transposeA, transposeB, float, seed }) => {
      const a = [...batch[0], ...(transposeA ? [k, m] : [m, k])];
      const b = [...batch[1], ...(transposeB ? [n, k] : [k, n])];
      return problem(
        `matmul${transposeA ? ', first transposed' : ''}${transposeB ? ', second transposed' : ''}`,
        [a, b],
        ([x, y]) => [g.matmul(x!, y!, { transposeA, transposeB })],
        seed,
        { float },
      );
    }),
  conv2d: fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      channels: size,
      outputs: size,
      height: fc.integer({ min: 1, max: 4 }),
      width: fc.integer({ min: 1, max: 4 }),
      rows: fc.constantFrom(1, 3, 5),
      columns: fc.constantFrom(1, 3),
      depthwise: fc.boolean(),
      bias: fc.boolean(),
      seed,
    })
    .map((c) => {
      const outputs = c.depthwise ? c.channels : c.outputs;
      const kernel = [outputs, c.depthwise ? 1 : c.channels, c.rows, c.columns];
      const all = [[c.batch, c.channels, c.height, c.width], kernel, [outputs]];
      return problem(
        c.depthwise ? 'depthwise conv2d' : 'conv2d',
        c.bias ? all : all.slice(0, 2),
        ([x, w, bias]) => [g.conv2d(x!, w!, bias, { groups: c.depthwise ? c.channels : 1 })],
        c.seed,
        { float: 'float32' },
      );
    }),
};

const norm = (shape: readonly number[], seed: number, options: Options = {}) =>
  problem('rmsNorm', [shape, [shape.at(-1)!]], ([x, s]) => [g.rmsNorm(x!, s!)], seed, options);

export const normalise = {
  // In float32 the runtime's own operator gives what the derivative reads.
  rmsNorm: fc.oneof(
    fc.tuple(shapes(1), seed).map(([shape, seed]) => norm(shape, seed)),
    fc
      .tuple(shapes(1), seed)
      .map(([shape, seed]) =>
        problem('rmsNorm without a scale', [shape], ([x]) => [g.rmsNorm(x!)], seed),
      ),
    fc.tuple(shapes(1), seed).map(([shape, seed]) =>
      problem(
        'gradient of rmsNorm without a scale',
        [shape],
        ([x]) => {
          const loss = g.reshape(g.reduceSum(g.exp(g.rmsNorm(x!))), []);
          return g.gradient(loss, [x!]);
        },
        seed,
      ),
    ),
    fc.tuple(shapes(1), seed).map(([shape, seed]) =>
      problem(
        'gradient of rmsNorm',
        [shape, [shape.at(-1)!]],
        ([x, s]) => {
          const loss = g.reshape(g.reduceSum(g.exp(g.rmsNorm(x!, s!))), []);
          return g.gradient(loss, [x!]);
        },
        seed,
      ),
    ),
    fc
      .tuple(shapes(), seed)
      .map(([shape, seed]) =>
        norm([...shape, 4], seed, { float: 'float32', from: 0.4, step: 0.03, tolerance: 2e-3 }),
      ),
  ),
};

export const scan = {
  selectiveScan: fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      // 32 steps are cut into chunks on the way back.
      length: fc.constantFrom(1, 2, 3, 5, 32),
      heads: fc.integer({ min: 1, max: 2 }),
      state: size,
      headDim: size,
      perState: fc.boolean(),
      past: fc.boolean(),
      reads: fc.constantFrom('y', 'state', 'both'),
      seed,
    })
    .map(({ batch, length, heads, state, headDim, perState, past, reads, seed }) => {
      const sizes = [
        [batch, length, heads * state],
        [batch, length, heads * state],
        [batch, length, heads * headDim],
        [batch, length, perState ? heads * state : heads],
        [batch, heads, state, headDim],
      ];
      return problem(
        `selectiveScan, ${heads} heads, ${reads} read`,
        past ? sizes : sizes.slice(0, 4),
        ([q, k, v, raw, pastState]) => {
          // Decays between 0.2 and 0.9; what is moved is not the exponent itself but a tenth of it.
          const logDecay = g.sub(g.mul(raw!, 0.1), 0.6);
          const { y, state } = g.selectiveScan({ q: q!, k: k!, v: v!, logDecay, pastState }, heads);
          // A gradient needs every input to matter; the state does not depend on the queries.
          const queried = g.add(state, g.mul(g.reduceSum(q!), 0.1));
          return reads === 'y' ? [y, queried] : reads === 'state' ? [queried] : [y, state];
        },
        seed,
        { float: 'float32', step: 0.1, tolerance: 1e-3 },
      );
    }),
  chunkedScan: fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      heads: fc.integer({ min: 1, max: 2 }),
      chunks: size,
      chunk: size,
      state: size,
      headDim: size,
      seed,
    })
    .map(({ batch, heads, chunks, chunk, state, headDim, seed }) => {
      const length = chunks * chunk;
      const sizes = [heads * state, heads * state, heads * headDim, heads];
      return problem(
        `chunkedScan, ${heads} heads in chunks of ${chunk}`,
        sizes.map((size) => [batch, length, size]),
        ([q, k, v, raw]) => {
          const decay = g.sub(raw!, 1.6);
          return [g.chunkedScan({ q: q!, k: k!, v: v!, g: decay }, heads, chunk)];
        },
        seed,
      );
    }),
};
