import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { add, Graph, matmul, mul, transpose } from '../../src/graph/index.ts';
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
  const turned = transpose(graph.input('x', [2, 3]), [1, 0]);
  const outputs = { sum: add(turned, 1), product: matmul(turned, graph.input('w', [2, 3])) };
  const folder = await mkdtemp(join(tmpdir(), 'm2s2l-'));
  const transposes = async (moveTransposes: boolean) => {
    const profile = join(folder, `${moveTransposes}`);
    const session = await Session.compile(outputs, { moveTransposes, profile });
    const x = { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
    const { sum, product } = await session.run({ x, w: x });
    expect(sum!.data).toEqual(Float32Array.of(2, 5, 3, 6, 4, 7));
    expect(product!.data).toEqual(Float32Array.of(17, 22, 27, 22, 29, 36, 27, 36, 45));
    session.endProfiling();
    await session.release();
    const file = (await readdir(folder)).find((name) => name.startsWith(`${moveTransposes}`));
    const events = JSON.parse(await readFile(join(folder, file!), 'utf8')) as { name: string }[];
    return events.filter(({ name }) => /FusedMatMul|Fusion/.test(name)).length > 0;
  };
  expect(await transposes(true)).toBe(true);
  expect(await transposes(false)).toBe(false);
  await rm(folder, { recursive: true });
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
  expect((error as Error).message).toMatch(/^--device cuda: .*; use --device cpu$/);
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
