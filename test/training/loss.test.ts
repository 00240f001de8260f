import { describe, expect, it, test } from 'vitest';
import { Graph } from '../../src/graph/index.ts';
import type { Outputs } from '../../src/model/m2s2l.ts';
import { presetConfiguration } from '../../src/model/presets.ts';
import { trainingConfiguration } from '../../src/training/configuration.ts';
import { ErrorScales, lossTerms, reportedLoss } from '../../src/training/loss.ts';
import { scheduleInput } from '../../src/training/step-graph.ts';
import { evaluate } from '../graph/evaluate.ts';
import { WHOLE } from '../model/small-models.ts';

const training = trainingConfiguration.parse({});

describe('the scales of the errors', () => {
  it('are 1 before the first step and the error itself after it', () => {
    const scales = new ErrorScales(2);
    expect([...scales.values]).toEqual([1, 1]);
    scales.add([0.5, 0.25]);
    expect(scales.values[0]).toBeCloseTo(0.5, 5);
    expect(scales.values[1]).toBeCloseTo(0.25, 5);
  });

  it('follow the errors, and go on from a saved state as if nothing had been', () => {
    const scales = new ErrorScales(1);
    for (let i = 0; i < 50; i++) scales.add([1]);
    for (let i = 0; i < 300; i++) scales.add([0.1]);
    expect(scales.values[0]).toBeCloseTo(0.1, 2);
    const resumed = new ErrorScales(1, JSON.parse(JSON.stringify(scales.state)));
    scales.add([0.3]);
    resumed.add([0.3]);
    expect(resumed.values).toEqual(scales.values);
  });
});

describe('the reported loss', () => {
  it('is the log of the errors and the weighted other terms', () => {
    const model = presetConfiguration('tiny');
    const terms = {
      appearance: 0.01,
      motion: 0.001,
      overlap: 2,
      compactness: 3,
      separation: 4,
      balance: 6,
      pace: 5,
    };
    const losses = {
      ...training.losses,
      overlap: 0.3,
      compactness: 0.1,
      separation: 0.2,
      balance: 0.4,
    };
    const loss = reportedLoss(model, terms, losses);
    expect(loss).toBeCloseTo(Math.log(0.01) + Math.log(0.001) + 0.6 + 0.3 + 0.8 + 2.4 + 5, 2);
  });
});

/** What lies inside a model, where a loss needs none of it. */
function nothingInside(
  graph: Graph,
): Pick<Outputs, 'spatial' | 'temporal' | 'parts' | 'remembered'> {
  const none = graph.input('none', [1]);
  const parts = { common: none, appearance: undefined, motion: undefined };
  return {
    spatial: { fused: none, weights: undefined, finest: none, finestPatch: 4 },
    temporal: { scales: [], fused: none, weights: undefined },
    parts: { ...parts, overlap: undefined },
    remembered: { ...parts, readings: {} },
  };
}

test('the terms of the memories are sums over the memories', async () => {
  const graph = new Graph();
  const picture = graph.input('picture', [1, 1, 16, 16]);
  const value = (name: string) => graph.input(name, []);
  const reading = (part: string) => ({
    read: picture,
    shares: picture,
    imbalance: value(`${part} imbalance`),
    compactness: value(`${part} compactness`),
    separation: value(`${part} separation`),
  });
  const inside = nothingInside(graph);
  const readings = { common: reading('common'), motion: reading('motion') };
  const { compactness, separation, balance } = lossTerms(
    WHOLE,
    {
      ...inside,
      remembered: { ...inside.remembered, readings },
      appearance: picture,
      motion: picture,
      frame: picture,
      difference: picture,
      pace: undefined,
    },
    training.losses,
  );
  const scalar = (number: number) => ({ shape: [], data: Float32Array.of(number) });
  const results = await evaluate(
    { compactness: compactness!, separation: separation!, balance: balance! },
    {
      'common imbalance': scalar(1),
      'motion imbalance': scalar(2),
      'common compactness': scalar(10),
      'motion compactness': scalar(20),
      'common separation': scalar(100),
      'motion separation': scalar(200),
    },
  );
  expect(
    Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data[0]])),
  ).toEqual({ compactness: 30, separation: 300, balance: 3 });
});

describe('the balance of the time scales', () => {
  /** Two cells, of which the left one changes by `left`, the right one by `right`. */
  async function balance(weights: readonly number[], left: number, right: number) {
    const graph = new Graph();
    const inside = nothingInside(graph);
    const attention = graph.input('attention', [1, 2, 2]);
    const picture = graph.input('picture', [1, 1, 8, 16]);
    const difference = graph.input('difference', [1, 1, 8, 16]);
    const model = { ...WHOLE, decoders: { ...WHOLE.decoders, branches: ['appearance' as const] } };
    const { timeBalance } = lossTerms(
      model,
      {
        ...inside,
        temporal: { ...inside.temporal, weights: attention },
        appearance: picture,
        motion: undefined,
        frame: picture,
        difference,
        pace: undefined,
      },
      training.losses,
    );
    const change = Float32Array.from({ length: 128 }, (_, i) => (i % 16 < 8 ? left : right));
    const results = await evaluate(
      { timeBalance: timeBalance! },
      {
        attention: { shape: [1, 2, 2], data: Float32Array.from(weights) },
        difference: { shape: [1, 1, 8, 16], data: change },
      },
    );
    return results.timeBalance!.data[0]!;
  }

  it('is 0 for even weights, and grows as one scale does more of the work', async () => {
    expect(await balance([0.5, 0.5, 0.5, 0.5], 1, 1)).toBeCloseTo(0, 4);
    // Each may decide alone somewhere: the use of both is even.
    expect(await balance([1, 0, 0, 1], 1, 1)).toBeCloseTo(0, 4);
    const some = await balance([0.8, 0.2, 0.8, 0.2], 1, 1);
    expect(some).toBeGreaterThan(0.05);
    expect(await balance([1, 0, 1, 0], 1, 1)).toBeGreaterThan(some);
  });

  it('looks at what moves alone', async () => {
    expect(await balance([0.5, 0.5, 1, 0], 1, 0)).toBeCloseTo(0, 4);
    expect(await balance([1, 0, 0.5, 0.5], 1, 0)).toBeGreaterThan(0.2);
    expect(await balance([1, 0, 1, 0], 0, 0)).toBeCloseTo(0, 4);
  });
});

describe('the loss of the pace', () => {
  const model = WHOLE;
  const cells = 16;
  const clips = 3;

  /** Every cell of a clip has one logit and one movement; the third clip is abnormal. */
  async function paceLoss(
    logits: readonly number[],
    movement: readonly number[],
    { abnormal = [0, 0, 1], normal = [1, 1, 0] } = {},
  ) {
    const graph = new Graph();
    const { channels, height, width } = model.input;
    const picture = graph.input('picture', [2, channels, height, width]);
    const named = lossTerms(
      model,
      {
        ...nothingInside(graph),
        appearance: picture,
        motion: picture,
        frame: picture,
        difference: picture,
        pace: {
          logit: graph.input('logit', [clips, cells]),
          movement: graph.input('movement', [clips, cells]),
        },
      },
      training.losses,
      {
        abnormal: graph.input('abnormal', [clips, cells]),
        normal: graph.input('normal', [clips, cells]),
      },
    );
    const maps = (values: readonly number[]) => ({
      shape: [clips, cells],
      data: Float32Array.from({ length: clips * cells }, (_, i) => values[Math.floor(i / cells)]!),
    });
    const feeds = {
      logit: maps(logits),
      movement: maps(movement),
      abnormal: maps(abnormal),
      normal: maps(normal),
    };
    return (await evaluate({ pace: named.pace! }, feeds)).pace!.data[0]!;
  }

  it('is the cross entropy over moving cells, balanced between both classes', async () => {
    const entropy = (odds: number) => Math.log1p(Math.exp(odds));
    // Moving cells of both sides: 0.5 * 16 + 1 * 16, and 0.25 * 16; each mean begins from 1 more.
    const expected =
      (0.5 * 16 * entropy(-1) + 16 * entropy(2)) / (24 + 1) / 2 + (4 * entropy(-3)) / (4 + 1) / 2;
    expect(await paceLoss([-1, 2, 3], [0.5, 1, 0.25])).toBeCloseTo(expected, 5);
  });

  it('is lower the more cells are classified correctly', async () => {
    const moving = [1, 1, 1];
    const right = await paceLoss([-3, -3, 3], moving);
    const half = await paceLoss([-3, 3, 3], moving);
    const wrong = await paceLoss([3, 3, -3], moving);
    expect(right).toBeLessThan(0.1);
    expect(half).toBeGreaterThan(right!);
    expect(wrong).toBeGreaterThan(half!);
  });

  it('ignores still cells, and is 0 where nothing moves', async () => {
    expect(await paceLoss([-1, 50, 1], [1, 0, 1])).toBe(await paceLoss([-1, -50, 1], [1, 0, 1]));
    expect(await paceLoss([5, 5, -5], [0, 0, 0])).toBe(0);
  });

  it('ignores cells without a label, and respects weights', async () => {
    const moving = [1, 1, 1];
    const unlabelled = { abnormal: [0, 0, 1], normal: [0, 1, 0] };
    expect(await paceLoss([50, -1, 1], moving, unlabelled)).toBe(
      await paceLoss([-50, -1, 1], moving, unlabelled),
    );
    const heavy = { abnormal: [0, 0, 1], normal: [8, 1, 0] };
    expect(await paceLoss([2, -2, 3], moving, heavy)).toBeGreaterThan(
      await paceLoss([2, -2, 3], moving),
    );
  });
});

describe('the schedule', () => {
  const rate = (share: number) => scheduleInput(training, 100, share)[0]!;

  it('warms up, peaks, and falls to a hundredth', () => {
    expect(rate(0)).toBeGreaterThan(0);
    expect(rate(0)).toBeLessThan(0.05 * training.learningRate);
    expect(rate(0.025)).toBeCloseTo(training.learningRate / 2, 6);
    expect(rate(0.05)).toBeCloseTo(training.learningRate, 6);
    expect(rate(0.525)).toBeCloseTo(training.learningRate * 0.505, 6);
    expect(rate(1)).toBeCloseTo(training.learningRate / 100, 8);
  });

  it('corrects the moments and begins the averaging short', () => {
    const [, first, second, averaging] = scheduleInput(training, 1, 0);
    expect(first).toBeCloseTo(10, 4);
    expect(second).toBeCloseTo(1000, 1);
    expect(averaging).toBeCloseTo(1 / 11, 6);
    expect(scheduleInput(training, 1_000_000, 0.5)[3]).toBeCloseTo(training.averaging, 6);
  });
});
