import { expect, test } from 'vitest';
import {
  add,
  Graph,
  matmul,
  mul,
  neg,
  reshape,
  reverse,
  serialise,
  take,
  type Value,
} from '../../src/graph/index.ts';
import { Model } from '../../src/graph/onnx/schema.ts';
import { evaluate } from './evaluate.ts';

interface OnnxGraph {
  node: { name: string; opType: string; input: string[]; output: string[]; domain: string }[];
  input: { name: string; type: { tensorType: { elemType: number; shape: { dim: object[] } } } }[];
  output: { name: string }[];
  initializer: { name: string; dims: number[]; dataType: number }[];
}

/** What a file of these outputs holds, read back. */
function written(outputs: Record<string, Value>) {
  const model = Model.toObject(Model.decode(serialise(outputs)), { longs: Number, arrays: true });
  return model as {
    irVersion: number;
    producerName: string;
    opsetImport: { domain: string; version: number }[];
    graph: OnnxGraph;
  };
}

const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);

test('declared inputs and given outputs keep their names, shapes and types', () => {
  const graph = new Graph();
  const frames = graph.input('frames', [2, 3]);
  const weights = graph.input('spatial.fine.0.weight', [3, 4]);
  const model = written({ 'decoded picture': matmul(frames, weights) });
  expect(names(model.graph.input)).toEqual(['frames', 'spatial.fine.0.weight']);
  expect(names(model.graph.output)).toEqual(['decoded picture']);
  expect(model.graph.input[0]!.type.tensorType).toEqual({
    elemType: 1,
    shape: { dim: [{ dimValue: 2 }, { dimValue: 3 }] },
  });
  expect(model.opsetImport).toEqual([{ version: 21 }, { domain: 'com.microsoft', version: 1 }]);
});

test('operators are named after their modules, which a profile shows', () => {
  const graph = new Graph();
  const x = graph.input('x', [1]);
  const y = graph.within('spatial', () => graph.within('fine.0', () => neg(x)));
  expect(names(written({ y }).graph.node)).toEqual(['spatial.fine.0/Neg.0']);
});

test('what the outputs do not need is left out', () => {
  const graph = new Graph();
  const x = graph.input('x', [2]);
  const unused = graph.input('unused', [2]);
  const constant = graph.constant([1, 2], [2]);
  mul(add(unused, 5), constant);
  const { graph: file } = written({ y: neg(x) });
  expect(names(file.input)).toEqual(['x']);
  expect(file.initializer).toEqual([]);
  expect(file.node.map(({ opType }) => opType)).toEqual(['Neg']);
});

test('the same number or index list is written once', () => {
  const graph = new Graph();
  const x = graph.input('x', [4]);
  const y = add(mul(reverse(x, 0), 2), mul(reverse(x, 0), 2));
  expect(written({ y }).graph.initializer).toHaveLength(2);
});

test('long index lists that differ are told apart', async () => {
  const graph = new Graph();
  const x = graph.input('x', [40]);
  const turned = (by: number) => Array.from({ length: 40 }, (_, i) => (i + by) % 40);
  const outputs = { one: take(x, 0, turned(1)), two: take(x, 0, turned(2)) };
  const data = Float32Array.from({ length: 40 }, (_, i) => i);
  const { one, two } = await evaluate(outputs, { x: { shape: [40], data } });
  expect([...one!.data]).toEqual(turned(1));
  expect([...two!.data]).toEqual(turned(2));
});

test('one value under two names is refused', () => {
  const x = new Graph().input('x', [1]);
  const y = neg(x);
  expect(() => serialise({ first: y, second: y })).toThrow('a value is an output under two names');
});

test('an output that is a mere input or constant is refused', () => {
  const graph = new Graph();
  const x = graph.input('x', [1]);
  expect(() => serialise({ y: x })).toThrow("output 'y' is not computed");
  expect(() => serialise({ z: graph.scalar(1) })).toThrow("output 'z' is not computed");
});

test('an output may be what another output is computed from', async () => {
  const graph = new Graph();
  const x = graph.input('x', [2]);
  const first = neg(x);
  const outputs = { second: reshape(mul(first, 3), [2, 1]), first };
  const results = await evaluate(outputs, { x: { shape: [2], data: Float32Array.of(1, -2) } });
  expect([...results.first!.data]).toEqual([-1, 2]);
  expect([...results.second!.data]).toEqual([-3, 6]);
  expect(results.second!.shape).toEqual([2, 1]);
});

test('constants and scalars arrive as they are, in both types', async () => {
  for (const float of ['float32', 'float64'] as const) {
    const graph = new Graph(float);
    const constant = graph.constant([0.1, -1e30, 3], [3]);
    const { y } = await evaluate({ y: add(mul(constant, 1), 0) }, {});
    const expected = float === 'float32' ? Float32Array : Float64Array;
    expect(y!.data).toEqual(expected.of(0.1, -1e30, 3));
  }
});
