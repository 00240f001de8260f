import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import {
  clipInput,
  clipShape,
  Graph,
  m2s2lClip,
  readModel,
  Session,
  sizeOf,
  TrainedNet,
} from '../src/research.ts';

test('inner values of a model can be read by name', async () => {
  const { description, weights } = await readModel('test/detector/format-4/whole');
  const c = description.configuration;
  const graph = new Graph();
  const { temporal, parts } = m2s2lClip(new TrainedNet(graph, weights), c, clipInput(graph, c, 1));
  const session = await Session.compile({ attention: temporal.weights!, common: parts.common });
  const shape = clipShape(c, 1);
  const data = Uint8Array.from({ length: sizeOf(shape) }, (_, i) => (i * 7919) % 256);
  const { attention, common } = await session.run({ frames: { shape, data } });
  await session.release();
  expect(attention!.shape).toEqual([1, 16, 3]);
  expect(common!.shape).toEqual([1, 16, c.partWidth]);
  const [first, second, third] = attention!.data;
  expect(first! + second! + third!).toBeCloseTo(1, 5);
});

test('it is what the package gives as m2s2l/model', async () => {
  const { exports } = JSON.parse(await readFile('package.json', 'utf8'));
  expect(exports['./model']).toEqual({
    types: './dist/research.d.ts',
    default: './dist/research.js',
  });
});
