import { expect, test } from 'vitest';
import {
  add,
  exp,
  Graph,
  gradient,
  mul,
  reduceSum,
  reshape,
  square,
  step,
  sub,
  vectorJacobianProduct,
} from '../../src/graph/index.ts';
import { evaluate } from './evaluate.ts';

const three = { shape: [3], data: Float64Array.of(1, -2, 3) };

/** A vector `x` of three, and a sum to a scalar. */
function vector() {
  const graph = new Graph('float64');
  const x = graph.input('x', [3]);
  return { graph, x, total: (value: typeof x) => reshape(reduceSum(value), []) };
}

test('what flows to a value from several places is summed', async () => {
  const { x, total } = vector();
  const [dx] = gradient(total(add(mul(x, x), mul(x, 5))), [x]);
  const { g } = await evaluate({ g: dx! }, { x: three });
  expect([...g!.data]).toEqual([7, 1, 11]);
});

test('the gradient by a value in the middle of the graph', async () => {
  const { x, total } = vector();
  const middle = mul(x, 2);
  const [dMiddle, dx] = gradient(total(square(middle)), [middle, x]);
  const { m, g } = await evaluate({ m: dMiddle!, g: dx! }, { x: three });
  expect([...m!.data]).toEqual([4, -8, 12]);
  expect([...g!.data]).toEqual([8, -16, 24]);
});

test('a cotangent stands for what comes after an output that is no scalar', async () => {
  const { graph, x } = vector();
  const dy = graph.constant([1, 10, 100], [3]);
  const [dx] = gradient(square(x), [x], dy);
  const { g } = await evaluate({ g: dx! }, { x: three });
  expect([...g!.data]).toEqual([2, -40, 600]);
});

test('several outputs, each with its cotangent', async () => {
  const { graph, x } = vector();
  const [dx] = vectorJacobianProduct(
    [mul(x, 2), square(x)],
    [graph.constant([1, 1, 1], [3]), graph.constant([0, 1, 0], [3])],
    [x],
  );
  const { g } = await evaluate({ g: dx! }, { x: three });
  expect([...g!.data]).toEqual([2, -2, 2]);
});

test('a gradient of a gradient', async () => {
  const { x, total } = vector();
  const [first] = gradient(total(mul(square(x), x)), [x]); // 3 x²
  const [second] = gradient(total(first!), [x]);
  const { g } = await evaluate({ g: second! }, { x: three });
  expect([...g!.data]).toEqual([6, -12, 18]);
});

test('gradients have the shape of what they are by', () => {
  const graph = new Graph();
  const row = graph.input('row', [1, 4]);
  const column = graph.input('column', [3, 1]);
  const scalar = graph.input('scalar', []);
  const wrt = [row, column, scalar];
  const loss = reshape(reduceSum(mul(mul(row, column), scalar)), []);
  expect(gradient(loss, wrt).map(({ shape }) => shape)).toEqual([[1, 4], [3, 1], []]);
});

test('nodes of a derivative belong to the module of the forward', () => {
  const { graph, x, total } = vector();
  const y = graph.within('block', () => graph.within('1', () => exp(x)));
  const built = graph.nodes.length;
  gradient(total(y), [x]);
  const modules = graph.nodes.slice(built).map(({ primitive, module }) => [primitive.name, module]);
  expect(modules).toContainEqual(['mul', 'block.1']);
});

test('only a scalar has a gradient', () => {
  const { x } = vector();
  expect(() => gradient(square(x), [x])).toThrow('gradient of float64[3]: only a scalar has one');
});

test('a value that the output does not depend on is named', () => {
  const { graph, x, total } = vector();
  const other = graph.input('other', [2, 5]);
  expect(() => gradient(total(x), [x, other])).toThrow(
    'the output does not depend on float64[2,5]',
  );
});

test('what only steps lead to has no gradient', () => {
  const { x, total } = vector();
  expect(() => gradient(total(step(x)), [x])).toThrow(/does not depend on float64\[3\]/);
  expect(gradient(total(sub(step(x), x)), [x])).toHaveLength(1);
});

test('no derivative is built of what no wanted value leads to', () => {
  const { graph, x, total } = vector();
  const other = graph.input('other', [3]);
  const loss = total(mul(exp(other), x));
  const built = graph.nodes.length;
  gradient(loss, [x]);
  const read = graph.nodes.slice(built).flatMap(({ inputs }) => inputs);
  expect(read).not.toContain(other);
});
