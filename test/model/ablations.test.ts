import { describe, expect, test, vi } from 'vitest';
import { CELL, type ModelConfiguration } from '../../src/model/configuration.ts';
import { parameterSpecs } from '../../src/model/cost.ts';
import { partNames } from '../../src/model/decomposition.ts';
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

/** The shapes that a model's outputs and inner values are to have, by name. */
function expectedShapes(c: ModelConfiguration): Record<string, readonly number[]> {
  const { channels, height, width } = c.input;
  const picture = [1, channels, height, width];
  const cells = (height * width) / CELL ** 2;
  const shapes: Record<string, readonly number[]> = { frame: picture, difference: picture };
  for (const branch of c.decoders.branches) shapes[branch] = picture;
  if (c.pace) Object.assign(shapes, { 'pace.logit': [1, cells], 'pace.movement': [1, cells] });
  const [granularities, strides] = [c.spatial.scales.length, c.temporal.strides.length];
  if (granularities > 1)
    shapes['spatial.weights'] = [1, c.spatial.fusion === 'cell' ? cells : 1, granularities];
  if (strides > 1) shapes['temporal.weights'] = [1, cells, strides];
  if (c.decomposition) shapes.overlap = [];
  if (c.memorySlots > 0)
    for (const part of c.decomposition ? partNames : ['common']) {
      shapes[`${part}.read`] = [1, cells, c.partWidth];
      shapes[`${part}.shares`] = [1, cells, c.memorySlots];
      for (const loss of ['imbalance', 'compactness', 'separation']) shapes[`${part}.${loss}`] = [];
    }
  return shapes;
}

/** All outputs are there, with their shapes, and hold numbers; pictures differ from place to place. */
function expectOutputs(c: ModelConfiguration, results: Record<string, Tensor>): void {
  const shapes = Object.entries(results).map(([name, { shape }]) => [name, shape]);
  expect(Object.fromEntries(shapes)).toEqual(expectedShapes(c));
  for (const [name, { data }] of Object.entries(results)) {
    expect(data.every(Number.isFinite), name).toBe(true);
    if (/^(appearance|motion|frame|difference|pace\.\w+)$/.test(name))
      expect(new Set(data).size, name).toBeGreaterThan(data.length / 10);
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
