import { expect, test } from 'vitest';
import { Graph } from '../../src/graph/index.ts';
import { errorMaps } from '../../src/model/cell-errors.ts';
import type { ModelConfiguration } from '../../src/model/configuration.ts';
import { evaluate } from '../graph/evaluate.ts';
import { WHOLE } from './small-models.ts';

/** Two cells of 8x8 pixels beside each other. */
const c: ModelConfiguration = { ...WHOLE, input: { width: 16, height: 8, channels: 1 } };
const SHAPE = [1, 1, 8, 16];

/** A picture with one value in each cell. */
const picture = (left: number, right: number) => ({
  shape: SHAPE,
  data: Float32Array.from({ length: 128 }, (_, i) => (i % 16 < 8 ? left : right)),
});
const cells = (left: number, right: number) => ({
  shape: [1, 2],
  data: Float32Array.of(left, right),
});

async function maps(pace: boolean): Promise<Record<string, number[]>> {
  const graph = new Graph();
  const input = (name: string) => graph.input(`the ${name}`, SHAPE);
  const cell = (name: string) => graph.input(name, [1, 2]);
  const named = errorMaps(c, {
    appearance: input('appearance'),
    motion: input('motion'),
    frame: input('frame'),
    difference: input('difference'),
    pace: pace ? { logit: cell('logit'), movement: cell('movement') } : undefined,
  });
  const out = await evaluate(named, {
    'the appearance': picture(0.5, 0.25),
    'the frame': picture(0.25, 0.25),
    'the motion': picture(0.5, 0.5),
    'the difference': picture(0.25, 0.5),
    ...(pace && { logit: cells(-2, 3), movement: cells(0.5, 1) }),
  });
  return Object.fromEntries(Object.entries(out).map(([name, { data }]) => [name, [...data]]));
}

const close = (found: readonly number[] | undefined, expected: readonly number[]) => {
  expect(found).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(found![i]).toBeCloseTo(value, 5);
};

test('an error is the mean square of a cell; the pace says how far the difference is expected', async () => {
  const { appearance, motion, expectedMotion, pace } = await maps(true);
  const [usual, odd] = [1 / (1 + Math.exp(-2)), 1 / (1 + Math.exp(3))];
  close(appearance, [0.25 ** 2, 0]);
  close(motion, [0.25 ** 2, 0]);
  close(expectedMotion, [(0.5 * usual - 0.25) ** 2, (0.5 * odd - 0.5) ** 2]);
  close(pace, [0.5 * Math.log(1 + Math.exp(-2)), Math.log(1 + Math.exp(3))]);
});

test('without a pace head there is nothing of it', async () => {
  const named = await maps(false);
  expect(Object.keys(named)).toEqual(['appearance', 'motion']);
  close(named.motion, [0.25 ** 2, 0]);
});
