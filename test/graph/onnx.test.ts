import { expect, test } from 'vitest';
import {
  add,
  CONTRIBUTED_OPERATORS,
  Graph,
  GraphError,
  matmul,
  mul,
  neg,
  reshape,
  reverse,
  rmsNorm,
  type SerialiseOptions,
  selectiveScan,
  serialise,
  silu,
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
function written(outputs: Record<string, Value>, options?: SerialiseOptions) {
  const file = Model.decode(serialise(outputs, options));
  const model = Model.toObject(file, { longs: Number, arrays: true });
  return model as {
    irVersion: number;
    producerName: string;
    opsetImport: { domain: string; version: number }[];
    metadataProps: { key: string; value: string }[];
    graph: OnnxGraph;
  };
}

const operatorsOf = ({ graph }: { graph: OnnxGraph }) => graph.node.map(({ opType }) => opType);

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
  expect(model.opsetImport).toEqual([{ version: 21 }]);
});

test('what ONNX Runtime alone has is written in standard operators where the reader lacks it', () => {
  const graph = new Graph();
  const x = graph.input('x', [1, 20, 4]);
  const scale = graph.input('scale', [4]);
  const logDecay = graph.input('logDecay', [1, 20, 2]);
  const { y } = selectiveScan({ q: silu(x), k: rmsNorm(x, scale), v: x, logDecay }, 2);
  const outputs = { product: matmul(y, x, { transposeB: true }) };
  const own = written(outputs);
  expect(own.opsetImport.map(({ domain }) => domain)).toContain('com.microsoft');
  expect(operatorsOf(own)).toEqual(expect.arrayContaining([...CONTRIBUTED_OPERATORS]));
  const standard = written(outputs, { without: CONTRIBUTED_OPERATORS });
  expect(standard.opsetImport).toEqual([{ version: 21 }]);
  expect(standard.graph.node.filter(({ domain }) => domain)).toEqual([]);
  const named = operatorsOf(standard) as readonly string[];
  expect(CONTRIBUTED_OPERATORS.filter((operator) => named.includes(operator))).toEqual([]);
  expect(names(standard.graph.input)).toEqual(names(own.graph.input));
  expect(names(standard.graph.output)).toEqual(['product']);
});

test('a state that a scan begins or ends with has no standard operators', () => {
  const graph = new Graph();
  const x = graph.input('x', [1, 4, 2]);
  const pastState = graph.input('past', [1, 1, 2, 2]);
  const logDecay = graph.input('logDecay', [1, 4, 1]);
  const without = CONTRIBUTED_OPERATORS;
  const scan = { q: x, k: x, v: x, logDecay };
  const { y } = selectiveScan({ ...scan, pastState }, 1);
  expect(() => serialise({ y }, { without })).toThrow(GraphError);
  const { state } = selectiveScan(scan, 1);
  expect(() => serialise({ state: neg(state) }, { without })).toThrow(GraphError);
});

test('metadata is kept in the file', () => {
  const x = new Graph().input('x', [1]);
  const { metadataProps } = written({ y: neg(x) }, { metadata: { camera: 'gate', lens: '4 mm' } });
  expect(metadataProps).toEqual([
    { key: 'camera', value: 'gate' },
    { key: 'lens', value: '4 mm' },
  ]);
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
