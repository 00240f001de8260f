import { describe, expect, test } from 'vitest';
import { Graph, mul, sizeOf, type Value } from '../../src/graph/index.ts';
import { linear, norm } from '../../src/nn/layers.ts';
import {
  DeclaringNet,
  FlatNet,
  initialise,
  type Net,
  type ParameterSpec,
  TrainedNet,
} from '../../src/nn/parameters.ts';
import { evaluate, normal, relativeError } from '../graph/evaluate.ts';

/** A small net with parameters of several shapes, in nested modules. */
function build(net: Net, x: Value): Value {
  return net.graph.within('head', () => {
    const hidden = norm(net, 'norm', linear(net, 'first', x, 4));
    const scale = net.parameter('scale', [], { kind: 'constant', value: 0.5 });
    return mul(linear(net, 'second', hidden, 3, { bias: false }), scale);
  });
}

function declared(): readonly ParameterSpec[] {
  const net = new DeclaringNet(new Graph());
  build(net, net.graph.input('x', [2, 5]));
  return net.specs;
}

/** Flat parameters cut into named ones. */
function cut(specs: readonly ParameterSpec[], flat: Float32Array) {
  let start = 0;
  return new Map(
    specs.map(({ name, shape }) => {
      const data = flat.slice(start, (start += sizeOf(shape)));
      return [name, { shape, data }];
    }),
  );
}

test('parameters are declared in order, under the names of their modules', () => {
  expect(declared().map(({ name, shape, decays }) => [name, shape, decays])).toEqual([
    ['head.first.weight', [5, 4], true],
    ['head.first.bias', [4], false],
    ['head.norm.scale', [4], false],
    ['head.scale', [], false],
    ['head.second.weight', [4, 3], true],
  ]);
});

test('a parameter declared twice is refused', () => {
  const net = new DeclaringNet(new Graph());
  const x = net.graph.input('x', [2, 5]);
  linear(net, 'same', x, 4);
  expect(() => linear(net, 'same', x, 4)).toThrow("input 'same.weight' is declared twice");
});

test('a net of declared, of flat and of trained parameters computes the same', async () => {
  const specs = declared();
  const flat = normal([specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0)], 'weights');
  const named = cut(specs, flat.data as Float32Array);
  const x = normal([2, 5], 'x');

  const declaring = new DeclaringNet(new Graph());
  const asDeclared = build(declaring, declaring.graph.input('x', [2, 5]));
  const flatGraph = new Graph();
  const flatNet = new FlatNet(flatGraph, flatGraph.input('flat', flat.shape));
  const asFlat = build(flatNet, flatGraph.input('x', [2, 5]));
  const trained = new TrainedNet(new Graph(), named);
  const asTrained = build(trained, trained.graph.input('x', [2, 5]));

  const feeds = { ...Object.fromEntries(named), x };
  const reference = (await evaluate({ y: asDeclared }, feeds)).y!.data;
  expect(reference.some((number) => number !== 0)).toBe(true);
  expect(flatNet.values.map(({ shape }) => shape)).toEqual(
    specs.map(({ shape }) => [sizeOf(shape)]),
  );
  for (const y of [asFlat, asTrained]) {
    const result = await evaluate({ y }, { x, flat });
    expect(relativeError(result.y!.data, reference)).toBeLessThan(1e-6);
  }
});

test('trained weights of another shape, or none, are refused by name', () => {
  const weights = new Map([['w', { shape: [3, 2], data: new Float32Array(6) }]]);
  const net = new TrainedNet(new Graph(), weights);
  expect(() => net.parameter('w', [2, 3])).toThrow("weight 'w' is [3,2], the model wants [2,3]");
  expect(() => net.graph.within('a', () => net.parameter('w', [3, 2]))).toThrow(
    "weight 'a.w' is [undefined], the model wants [3,2]",
  );
  const graph = new Graph();
  const flat = new FlatNet(graph, graph.input('flat', [5]));
  expect(() => flat.parameter('w', [2, 3])).toThrow(/slice\(float32\[5\]\): 0\.\.6 of axis 0/);
});

describe('initialise', () => {
  const spec = (name: string, shape: readonly number[], initial: ParameterSpec['initial']) => ({
    name,
    shape,
    initial,
    decays: false,
  });
  const drawn = spec('drawn', [50, 40], { kind: 'normal', deviation: 0.2 });

  test('the same seed and name give the same numbers, whatever stands before', () => {
    const other = spec('other', [7], { kind: 'normal', deviation: 1 });
    const alone = initialise([drawn], 3);
    expect(initialise([drawn], 3)).toEqual(alone);
    expect(initialise([other, drawn], 3).slice(7)).toEqual(alone);
    expect(initialise([drawn], 4)).not.toEqual(alone);
    expect(initialise([{ ...drawn, name: 'another' }], 3)).not.toEqual(alone);
  });

  test('normal numbers have their deviation', () => {
    const numbers = initialise([drawn], 1);
    const variance = numbers.reduce((sum, x) => sum + x * x, 0) / numbers.length;
    expect(Math.sqrt(variance)).toBeCloseTo(0.2, 2);
  });

  test('constants, decays and step sizes', () => {
    expect([...initialise([spec('c', [3], { kind: 'constant', value: -2 })], 1)]).toEqual([
      -2, -2, -2,
    ]);
    const decays = initialise([spec('a', [2, 3], { kind: 'logRange' })], 1);
    expect([...decays].map(Math.exp).map(Math.round)).toEqual([1, 2, 3, 1, 2, 3]);
    const steps = initialise([spec('dt', [500], { kind: 'stepSize' })], 1);
    const sizes = [...steps].map((x) => Math.log1p(Math.exp(x))).toSorted((a, b) => a - b);
    expect(sizes[0]).toBeGreaterThan(0.00099);
    expect(sizes.at(-1)).toBeLessThan(0.101);
    // Log-uniform: the median is the geometric mean.
    expect(sizes[250]).toBeGreaterThan(0.007);
    expect(sizes[250]).toBeLessThan(0.014);
  });
});
