import { expect, test } from 'vitest';
import {
  add,
  broadcastTo,
  CONTRIBUTED_OPERATORS,
  Graph,
  GraphError,
  gradient,
  matmul,
  mul,
  neg,
  reduceSum,
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

test('a number beside a last axis of 1 has as many axes as the value', () => {
  const graph = new Graph();
  const dims = (shape: number[]) => {
    const y = mul(graph.input(shape.join(), shape), 2);
    return written({ y }).graph.initializer.map(({ dims }) => dims);
  };
  expect(dims([2, 3, 1])).toEqual([[1, 1, 1]]);
  expect(dims([2, 1, 3])).toEqual([[]]);
});

test('a sum over axes before the last ones is a product with ones, any other a reduction', async () => {
  const graph = new Graph();
  const x = graph.input('x', [2, 1, 3, 4]);
  const data = Float32Array.from({ length: 24 }, (_, i) => i);
  const summed = async (axes: readonly number[]) => {
    const outputs = { y: reduceSum(x, axes) };
    const { y } = await evaluate(outputs, { x: { shape: x.shape, data } });
    const product = operatorsOf(written(outputs)).includes('MatMul');
    return { product, shape: y!.shape, data: [...y!.data] };
  };
  const all = { product: true, shape: [1, 1, 1, 4], data: [60, 66, 72, 78] };
  expect(await summed([0, 1, 2])).toEqual(all);
  expect(await summed([0, 2])).toEqual(all);
  const middle = [12, 15, 18, 21, 48, 51, 54, 57];
  expect(await summed([2])).toEqual({ product: true, shape: [2, 1, 1, 4], data: middle });
  expect(await summed([3])).toMatchObject({ product: false, shape: [2, 1, 3, 1] });
  expect(await summed([0, 3])).toMatchObject({ product: false, data: [60, 92, 124] });
});

test('a norm is an operator where nothing reads what it was multiplied by', () => {
  const graph = new Graph();
  const x = graph.input('x', [3, 4]);
  for (const y of [rmsNorm(x, graph.input('scale', [4])), rmsNorm(x)]) {
    const isOperator = (value: Value) =>
      operatorsOf(written({ y: value })).includes('SimplifiedLayerNormalization');
    expect(isOperator(y)).toBe(true);
    const [dx] = gradient(reshape(reduceSum(y), []), [x]);
    expect(isOperator(dx!)).toBe(false);
  }
});

test('a value that the other operand stretches is not stretched before', () => {
  const graph = new Graph();
  const x = graph.input('x', [3, 4]);
  const weights = graph.input('weights', [3, 4]);
  const [dx] = gradient(reduceSum(mul(x, weights), [1]), [x], graph.input('dy', [3, 1]));
  expect(operatorsOf(written({ dx: dx! }))).not.toContain('Expand');
  const row = broadcastTo(graph.input('row', [1, 4]), [3, 4]);
  const column = broadcastTo(graph.input('column', [3, 1]), [3, 4]);
  expect(add(row, graph.input('other', [1, 4])).shape).toEqual([3, 4]);
  expect(add(row, row).shape).toEqual([3, 4]);
  expect(add(row, column).shape).toEqual([3, 4]);
});

test('a few places of the last axis are picked by a product', async () => {
  const graph = new Graph();
  const x = graph.input('x', [2, 3]);
  const outputs = { y: take(x, 1, [2, 0, 1, 1, 2, 0]) };
  const data = Float32Array.of(1, 2, 3, 4, 5, 6);
  const { y } = await evaluate(outputs, { x: { shape: [2, 3], data } });
  expect([...y!.data]).toEqual([3, 1, 2, 2, 3, 1, 6, 4, 5, 5, 6, 4]);
  expect(operatorsOf(written(outputs))).toEqual(['MatMul']);
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
