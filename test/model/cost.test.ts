import { describe, expect, test } from 'vitest';
import { sizeOf } from '../../src/graph/index.ts';
import type { ModelConfiguration } from '../../src/model/configuration.ts';
import { modelCost, parameterSpecs } from '../../src/model/cost.ts';
import { PRESETS, presetConfiguration } from '../../src/model/presets.ts';
import { ABLATIONS, WHOLE } from './small-models.ts';

const total = (list: readonly number[]): number => list.reduce((sum, count) => sum + count, 0);

describe.each(PRESETS)('%s', (preset) => {
  const c = presetConfiguration(preset);
  const cost = modelCost(c);

  test('the modules sum up to the whole, and each is named once', () => {
    expect(total(cost.modules.map(({ parameters }) => parameters))).toBe(cost.parameters);
    expect(total(cost.modules.map(({ flops }) => flops))).toBe(cost.flops);
    expect(new Set(cost.modules.map(({ name }) => name)).size).toBe(cost.modules.length);
    expect(cost.parameters).toBe(total(parameterSpecs(c).map(({ shape }) => sizeOf(shape))));
  });

  test('one more frame of a stream costs less than a whole clip', () => {
    expect(cost.streamingFlops).toBeLessThan(cost.flops);
    expect(cost.streamingFlops).toBeGreaterThan(cost.flops / 20);
  });

  test('every box of the paper has its cost', () => {
    const named = new Map(cost.modules.map((module) => [module.name, module]));
    for (const box of ['spatial.patch4', 'spatial.patch8', 'spatial.patch16', 'temporal.stride1'])
      expect(named.get(box)!.flops).toBeGreaterThan(0);
    for (const box of ['pace.logit', 'memory.common', 'decoder.appearance', 'decoder.motion'])
      expect(named.get(box)!.parameters).toBeGreaterThan(0);
  });
});

test("base is the paper's size within 5 %: 14.9 M parameters and 20.1 GFLOPs", () => {
  const { parameters, flops } = modelCost(presetConfiguration('base'));
  expect(Math.abs(parameters / 14.9e6 - 1)).toBeLessThan(0.05);
  expect(Math.abs(flops / 20.1e9 - 1)).toBeLessThan(0.05);
});

test('modules counted by hand', () => {
  const cost = modelCost(WHOLE);
  const of = (name: string) => cost.modules.find((module) => module.name === name)!;
  // 4 prototypes of 8 channels.
  expect(of('memory.common').parameters).toBe(4 * 8);
  // 16 cells; two matrix products with the prototypes, and what is done to each similarity.
  expect(of('memory.common').flops).toBeGreaterThan(2 * (2 * 16 * 4 * 8));
  expect(of('memory.common').flops).toBeLessThan(4 * (2 * 16 * 4 * 8));
  // The fused 12 channels and the 8 of time, to the 8 of the part, with bias.
  expect(of('decomposition.common')).toMatchObject({
    parameters: 20 * 8 + 8,
    flops: 16 * (2 * 20 * 8 + 8) + 20 * 8,
  });
  // The fused 12 channels and the 8 of each of three time scales, to 12.
  expect(of('pace.norm').parameters).toBe(12 + 3 * 8);
  expect(of('pace.features').parameters).toBe((12 + 3 * 8) * 12 + 12);
});

test('the pace head is as wide as the fused features, but no wider than 48', () => {
  const bias = (preset: (typeof PRESETS)[number]) =>
    parameterSpecs(presetConfiguration(preset)).find(({ name }) => name === 'pace.first.bias')!;
  expect(PRESETS.map((preset) => sizeOf(bias(preset).shape))).toEqual([32, 48, 48]);
});

test('a part that is switched off costs nothing', () => {
  const names = (c: typeof WHOLE) => modelCost(c).modules.map(({ name }) => name);
  expect(names(ABLATIONS['no memory']!).some((name) => name.startsWith('memory'))).toBe(false);
  expect(names(ABLATIONS['no pace']!).some((name) => name.startsWith('pace'))).toBe(false);
  expect(names(ABLATIONS['only the motion decoder']!)).not.toContain('decoder.appearance');
  expect(names(ABLATIONS['only the fine scale']!)).not.toContain('spatial.patch16');
  expect(names(ABLATIONS['one stride']!)).not.toContain('temporal.stride4');
});

test('the picture decides how many operations there are, and of the parameters only the places', () => {
  const [small, large] = [64, 128].map((width) =>
    presetConfiguration('tiny', 'predict', { width, height: 64 }),
  ) as [ModelConfiguration, ModelConfiguration];
  const places = (c: ModelConfiguration) =>
    total(
      parameterSpecs(c)
        .filter(({ name }) => name.endsWith('.place'))
        .map(({ shape }) => sizeOf(shape)),
    );
  const [before, after] = [modelCost(small), modelCost(large)];
  expect(after.parameters - places(large)).toBe(before.parameters - places(small));
  // Two decoders, 64 cells.
  expect(places(small)).toBe(2 * 64 * small.placeWidth);
  expect(places(large)).toBe(2 * places(small));
  expect(after.flops / before.flops).toBeCloseTo(2, 1);
});
