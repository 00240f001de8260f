import { describe, expect, test } from 'vitest';
import { Graph } from '../../src/graph/index.ts';
import { alignment, decompose } from '../../src/model/decomposition.ts';
import { DeclaringNet } from '../../src/nn/parameters.ts';
import { evaluate, normal } from '../graph/evaluate.ts';
import { WHOLE } from './small-models.ts';

type Rows = readonly (readonly number[])[];

/** Centred kernel alignment by its definition, over Gram matrices of the rows. */
function kernelAlignment(a: Rows, b: Rows): number {
  const centredGram = (rows: Rows): number[][] => {
    const means = rows[0]!.map((_, k) => rows.reduce((sum, row) => sum + row[k]!, 0) / rows.length);
    const centred = rows.map((row) => row.map((value, k) => value - means[k]!));
    return centred.map((x) =>
      centred.map((y) => x.reduce((sum, value, k) => sum + value * y[k]!, 0)),
    );
  };
  const product = (x: number[][], y: number[][]) =>
    x.reduce(
      (sum, row, i) => sum + row.reduce((inner, value, j) => inner + value * y[i]![j]!, 0),
      0,
    );
  const [x, y] = [centredGram(a), centredGram(b)];
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}

const rowsOf = (data: ArrayLike<number>, width: number): number[][] =>
  Array.from({ length: data.length / width }, (_, row) =>
    Array.from({ length: width }, (_, k) => data[row * width + k]!),
  );

test('overlap is the sum of the centred kernel alignments of the parts, over all cells of a batch', async () => {
  const [batch, cells, width] = [2, 16, WHOLE.partWidth];
  const net = new DeclaringNet(new Graph());
  const spatial = net.graph.input('spatial', [batch, cells, WHOLE.fusedWidth]);
  const temporal = net.graph.input('temporal', [batch, cells, WHOLE.temporal.width]);
  const { common, appearance, motion, overlap } = decompose(net, WHOLE, spatial, temporal);
  const inputs = [...net.graph.inputs].map(([name, { shape }]) => [name, normal(shape, name)]);
  const results = await evaluate(
    { common, appearance: appearance!, motion: motion!, overlap: overlap! },
    Object.fromEntries(inputs),
  );
  const [c, a, m] = (['common', 'appearance', 'motion'] as const).map((name) =>
    rowsOf(results[name]!.data, width),
  );
  const expected = kernelAlignment(c!, a!) + kernelAlignment(c!, m!) + kernelAlignment(a!, m!);
  expect(results.overlap!.data[0]).toBeCloseTo(expected, 4);
  expect(expected).toBeGreaterThan(0.1);
});

describe('alignment', () => {
  const shape = [1, 40, 3];
  async function aligned(b: (a: number, i: number) => number): Promise<number> {
    const graph = new Graph();
    const a = normal(shape, 'a');
    const other = { shape, data: Float32Array.from(a.data, (value, i) => b(value, i)) };
    const named = { cka: alignment(graph.input('a', shape), graph.input('b', shape)) };
    return (await evaluate(named, { a, b: other })).cka!.data[0]!;
  }

  test('is 1 for a copy, whatever its size and its mean', async () => {
    expect(await aligned((a) => a)).toBeCloseTo(1, 4);
    expect(await aligned((a) => -0.05 * a)).toBeCloseTo(1, 4);
    expect(await aligned((a) => 5 * a + 100)).toBeCloseTo(1, 2);
  });

  test('is near 0 for what has nothing to do with it, though both have one mean', async () => {
    const other = normal(shape, 'b').data;
    expect(await aligned((_, i) => 10 + other[i]!)).toBeLessThan(0.2);
  });

  test('is 0 where a part says nothing', async () => {
    expect(await aligned(() => 3)).toBeCloseTo(0, 3);
  });
});
