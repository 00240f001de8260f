import { expect, test } from 'vitest';
import { Graph } from '../../src/graph/index.ts';
import { decompose } from '../../src/model/decomposition.ts';
import { DeclaringNet } from '../../src/nn/parameters.ts';
import { evaluate, normal } from '../graph/evaluate.ts';
import { WHOLE } from './small-models.ts';

test('overlap is the squared norm of the cross-products of the parts, as unit vectors', async () => {
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

  const unit = (name: string, clip: number, cell: number): number[] => {
    const at = (clip * cells + cell) * width;
    const feature = [...results[name]!.data.slice(at, at + width)];
    const length = Math.hypot(...feature);
    return feature.map((value) => value / length);
  };
  let expected = 0;
  for (const [a, b] of [
    ['common', 'appearance'],
    ['common', 'motion'],
    ['appearance', 'motion'],
  ] as const)
    for (let clip = 0; clip < batch; clip++)
      for (let i = 0; i < width; i++)
        for (let j = 0; j < width; j++) {
          let product = 0;
          for (let cell = 0; cell < cells; cell++)
            product += unit(a, clip, cell)[i]! * unit(b, clip, cell)[j]!;
          expected += (product / cells) ** 2 / batch;
        }
  expect(results.overlap!.data[0]).toBeCloseTo(expected, 4);
  expect(expected).toBeGreaterThan(0.1);
});
