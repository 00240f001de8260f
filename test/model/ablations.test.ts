import { describe, expect, test, vi } from 'vitest';
import { CELL, type ModelConfiguration } from '../../src/model/configuration.ts';
import { parameterSpecs } from '../../src/model/cost.ts';
import { PRESETS, presetConfiguration } from '../../src/model/presets.ts';
import type { Tensor } from '../../src/runtime/session.ts';
import { trainingConfiguration } from '../../src/training/configuration.ts';
import { stepGraph } from '../../src/training/step-graph.ts';
import { evaluate } from '../graph/evaluate.ts';
import { ABLATIONS, clipModel, randomClip } from './small-models.ts';

// Seconds where nothing else runs; the machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

const presets = PRESETS.flatMap((preset) =>
  (['predict', 'reconstruct'] as const).map((task) => {
    const c = presetConfiguration(preset, task, { width: 32, height: 32 });
    return [`${preset}, ${task}`, c] as const;
  }),
);

/** All outputs are there, with their shapes, and hold numbers that differ from place to place. */
function expectOutputs(c: ModelConfiguration, results: Record<string, Tensor>): void {
  const { channels, height, width } = c.input;
  const picture = [1, channels, height, width];
  const parts = c.decomposition ? 3 : 1;
  const expected: Record<string, readonly number[]> = { frame: picture, difference: picture };
  for (const branch of c.decoders.branches) expected[branch] = picture;
  if (c.decomposition) expected.overlap = [];
  if (c.pace) {
    const cells = [1, (height * width) / CELL ** 2];
    Object.assign(expected, { 'pace.logit': cells, 'pace.movement': cells });
  }
  if (c.memorySlots > 0)
    for (let part = 0; part < parts; part++)
      Object.assign(expected, { [`compactness.${part}`]: [], [`separation.${part}`]: [] });
  const shapes = Object.entries(results).map(([name, { shape }]) => [name, shape]);
  expect(Object.fromEntries(shapes)).toEqual(expected);
  for (const [name, { data }] of Object.entries(results)) {
    expect(data.every(Number.isFinite), name).toBe(true);
    if (data.length > 1) expect(new Set(data).size, name).toBeGreaterThan(data.length / 10);
  }
}

describe('every part can be switched off', () => {
  test.each(Object.entries(ABLATIONS))('%s', async (_, c) => {
    expectOutputs(c, await evaluate(clipModel(c), { frames: randomClip(c, 'clip') }));
  });
});

describe('every preset runs on a small picture', () => {
  test.each(presets.filter(([name]) => name !== 'base, reconstruct'))('%s', async (_, c) => {
    expectOutputs(c, await evaluate(clipModel(c), { frames: randomClip(c, 'clip') }));
  });
});

describe('every parameter is trained: the loss has a gradient by it', () => {
  test.each([...Object.entries(ABLATIONS), ...presets])('%s', (_, c) => {
    const training = trainingConfiguration.parse({ batch: 4 });
    // The gradient refuses what the loss does not depend on.
    const { outputs } = stepGraph(c, training, parameterSpecs(c));
    expect(outputs.gradientNorm).toBeDefined();
  });
});
