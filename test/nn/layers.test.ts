import { expect, test } from 'vitest';
import { add, Graph, mul, reduceSum, type Value } from '../../src/graph/index.ts';
import { linear, norm, throughMap, unscaledNorm } from '../../src/nn/layers.ts';
import { type Net, TrainedNet } from '../../src/nn/parameters.ts';
import { evaluate, normal, relativeError } from '../graph/evaluate.ts';

const weights = new Map(
  Object.entries({
    'map.weight': [5, 3],
    'map.bias': [3],
    'norm.scale': [5],
  }).map(([name, shape]) => {
    const { data } = normal(shape, name);
    return [name, { shape, data: Float32Array.from(data) }];
  }),
);

/** Two ways to one value, from `x` `[2, 4, 3]` and `v` `[2, 4, 5]`. */
async function expectSame(build: (net: Net, x: Value, v: Value) => readonly [Value, Value]) {
  const graph = new Graph();
  const feeds = { x: normal([2, 4, 3], 'x'), v: normal([2, 4, 5], 'v') };
  const [one, other] = build(
    new TrainedNet(graph, weights),
    graph.input('x', [2, 4, 3]),
    graph.input('v', [2, 4, 5]),
  );
  const results = await evaluate({ one, other }, feeds);
  expect(results.one!.shape).toEqual(results.other!.shape);
  expect(relativeError(results.one!.data, results.other!.data)).toBeLessThan(1e-6);
}

test('what meets a linear map of a value meets the value through the map', () =>
  expectSame((net, x, v) => {
    const { through, bias } = throughMap(net, 'map', x, 5);
    const plain = reduceSum(mul(x, linear(net, 'map', v, 3)), [2]);
    return [add(reduceSum(mul(v, through), [2]), bias), plain];
  }));

test('a norm whose scale is left to a linear map gives what the norm itself would', () =>
  expectSame((net, _, v) => [
    linear(net, 'map', unscaledNorm(net, 'norm', v), 3),
    linear(net, 'map', norm(net, 'norm', v), 3),
  ]));
