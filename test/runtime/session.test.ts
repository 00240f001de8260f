import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { add, exp, Graph, matmul, mul, transpose } from '../../src/graph/index.ts';
import { Session } from '../../src/runtime/session.ts';

function sum() {
  const graph = new Graph();
  return { y: add(graph.input('a', [2, 2]), mul(graph.input('b', [2]), 10)) };
}
const a = { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) };
const b = { shape: [2], data: Float32Array.of(1, 2) };

test('runs with what is fed, again and again', async () => {
  const session = await Session.compile(sum());
  expect([session.inputs, session.outputs]).toEqual([['a', 'b'], ['y']]);
  const first = await session.run({ a, b });
  const second = await session.run({ a, b: { ...b, data: Float32Array.of(0, 0) } });
  expect(first.y).toEqual({ shape: [2, 2], data: Float32Array.of(11, 22, 13, 24) });
  expect(second.y!.data).toEqual(a.data);
  await session.release();
});

test('an input that is not fed is named', async () => {
  const session = await Session.compile(sum());
  await expect(session.run({ a })).rejects.toThrow("input 'b' is not fed");
  await session.release();
});

test('the same feeds give the same bits', async () => {
  const session = await Session.compile(sum());
  const [first, second] = [await session.run({ a, b }), await session.run({ a, b })];
  expect(first).toEqual(second);
  await session.release();
});

test('transposes stay where they are, if they are to', async () => {
  const graph = new Graph();
  const [x, w] = [graph.input('x', [2, 3]), graph.input('w', [2, 3])];
  const outputs = {
    back: transpose(exp(transpose(x, [1, 0])), [1, 0]),
    product: matmul(transpose(w, [1, 0]), x),
  };
  const folder = await mkdtemp(join(tmpdir(), 'm2s2l-'));
  /** The operators that move data or multiply, as they ran. */
  const ran = async (moveTransposes: boolean) => {
    const profile = join(folder, `${moveTransposes}`);
    const session = await Session.compile(outputs, { moveTransposes, profile });
    const fed = { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
    const { back, product } = await session.run({ x: fed, w: fed });
    expect(back!.data[5]).toBeCloseTo(Math.exp(6), 3);
    expect(product!.data).toEqual(Float32Array.of(17, 22, 27, 22, 29, 36, 27, 36, 45));
    session.endProfiling();
    await session.release();
    const file = (await readdir(folder)).find((name) => name.startsWith(`${moveTransposes}`));
    const text = await readFile(join(folder, file!), 'utf8');
    return ['Transpose', 'MatMul', 'FusedMatMul'].map(
      (type) => text.split(`"op_name" : "${type}"`).length - 1,
    );
  };
  expect(await ran(false)).toEqual([3, 1, 0]);
  expect(await ran(true)).toEqual([0, 0, 1]);
  await rm(folder, { recursive: true });
});

test('a value is carried from run to run, and nobody else sees it', async () => {
  const graph = new Graph();
  const [count, by] = [graph.input('count', [2]), graph.input('by', [2])];
  const outputs = { 'next.count': add(count, by), double: mul(count, 2) };
  const session = await Session.compile(outputs, { carry: { count: 'next.count' } });
  expect([session.inputs, session.outputs]).toEqual([['by'], ['double']]);
  const fed = { by: { shape: [2], data: Float32Array.of(1, 10) } };
  await expect(session.run(fed)).rejects.toThrow("'count' is to be carried and was not given");
  expect(() => session.carried('count')).toThrow("nothing is carried as 'count'");

  const first = Float32Array.of(5, 50);
  await session.carry('count', { shape: [2], data: first });
  await session.run(fed);
  const between = await session.carried('count');
  const results = await session.run(fed);
  expect(results).toEqual({ double: { shape: [2], data: Float32Array.of(12, 120) } });
  expect(await session.carried('count')).toEqual(Float32Array.of(7, 70));
  expect([first, between]).toEqual([Float32Array.of(5, 50), Float32Array.of(6, 60)]);
  await session.release();
});

test('where values lie in memory changes no bit', async () => {
  const results = [];
  for (const planMemory of [true, false]) {
    const session = await Session.compile(sum(), { planMemory });
    results.push(await session.run({ a, b }), await session.run({ a, b }));
    await session.release();
  }
  for (const result of results) expect(result).toEqual(results[0]);
});

test('a device that is not there is told in one line that says what to do', async () => {
  const compiled = Session.compile(sum(), { device: 'cuda' }).then(
    (session) => session.release(),
    (error: unknown) => error,
  );
  const error = await compiled;
  // On a machine that has one there is nothing to refuse.
  if (error === undefined) return;
  expect(error).toBeInstanceOf(UserError);
  expect((error as Error).message).toMatch(/^device: 'cuda': .*; use device: 'cpu'$/);
});

test('a profile is written where it is asked for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'profile-'));
  const session = await Session.compile(sum(), { profile: join(folder, 'run') });
  await session.run({ a, b });
  session.endProfiling();
  await session.release();
  expect(await readdir(folder)).toEqual([expect.stringMatching(/^run.*\.json$/)]);
  await rm(folder, { recursive: true });
});
