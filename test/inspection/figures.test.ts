import { describe, expect, test } from 'vitest';
import { Graph } from '../../src/graph/index.ts';
import { partMoments } from '../../src/inspection/graph.ts';
import { rounded } from '../../src/inspection/inspection.ts';
import { PartMoments } from '../../src/inspection/part-moments.ts';
import { perplexity } from '../../src/inspection/perplexity.ts';
import { principalDirections } from '../../src/inspection/principal.ts';
import { MOVING, ScaleWeights } from '../../src/inspection/scale-weights.ts';
import { scoreFigures } from '../../src/inspection/score-figures.ts';
import { alignment } from '../../src/model/decomposition.ts';
import { evaluate, normal } from '../graph/evaluate.ts';

describe('weights of scales', () => {
  const [still, moving] = [0, 2 * MOVING];

  test('are averaged over all cells, and over those that move', () => {
    const weights = new ScaleWeights(2);
    weights.push([1, 0, 0.5, 0.5, 0.25, 0.75], [still, moving, moving]);
    const { weight, onMoving, deviation } = weights.of(0);
    expect(weight).toBeCloseTo(1.75 / 3, 9);
    expect(onMoving).toBeCloseTo(0.375, 9);
    const mean = 1.75 / 3;
    const squares = [1, 0.5, 0.25].map((value) => (value - mean) ** 2);
    expect(deviation).toBeCloseTo(Math.sqrt(squares.reduce((a, b) => a + b) / 3), 9);
  });

  test('have the entropy of even weights as 1, and of one scale alone as 0', () => {
    const entropy = (...weights: number[]) => {
      const scales = new ScaleWeights(weights.length);
      scales.push(weights, [moving]);
      return scales.entropy;
    };
    expect(entropy(1 / 3, 1 / 3, 1 / 3)).toBeCloseTo(1, 9);
    expect(entropy(0, 1, 0, 0)).toBeCloseTo(0, 9);
    expect(entropy(0.5, 0.5, 0)).toBeCloseTo(Math.log(2) / Math.log(3), 9);
  });

  test('say nothing of moving cells where nothing moves', () => {
    const weights = new ScaleWeights(2);
    weights.push([0.5, 0.5], [still]);
    expect(weights.entropy).toBeNull();
    expect(weights.of(1)).toMatchObject({ weight: 0.5, onMoving: null });
  });

  test('of a whole picture count for each of its cells', () => {
    const weights = new ScaleWeights(2);
    weights.push([0.9, 0.1], [still, moving, still]);
    weights.push([0.3, 0.7], [still, still, still]);
    expect(weights.of(0).weight).toBeCloseTo(0.6, 9);
    expect(weights.of(0).onMoving).toBeCloseTo(0.9, 9);
  });
});

describe('moments of the parts', () => {
  const [cells, width] = [30, 4];

  /** Pushed clip by clip; what the loss makes of all clips at once is beside it. */
  async function moments(same?: 'motion') {
    const clips = 3;
    const graph = new Graph();
    const names = ['common', 'appearance', 'motion'] as const;
    const inputs = Object.fromEntries(
      names.map((name) => {
        const random = normal([clips, cells, width], name);
        const data = name === same ? random.data.map(() => 2) : random.data.map((v) => v + 3);
        return [name, { shape: random.shape, data }];
      }),
    );
    const all = names.map((name) => graph.input(name, [clips, cells, width]));
    const [common, appearance, motion] = all as [(typeof all)[0], (typeof all)[0], (typeof all)[0]];
    const together = await evaluate(
      {
        commonAppearance: alignment(common, appearance),
        commonMotion: alignment(common, motion),
        appearanceMotion: alignment(appearance, motion),
      },
      inputs,
    );
    const found = new PartMoments(width);
    for (let clip = 0; clip < clips; clip++) {
      const one = new Graph();
      const [c, a, m] = names.map((name) => one.input(name, [1, cells, width]));
      const parts = { common: c!, appearance: a, motion: m, overlap: undefined };
      const feeds = Object.fromEntries(
        names.map((name) => {
          const size = cells * width;
          const data = inputs[name]!.data.slice(clip * size, (clip + 1) * size);
          return [name, { shape: [1, cells, width], data }];
        }),
      );
      const values = await evaluate(partMoments({ parts }), feeds);
      found.push(values['parts.sum']!.data, values['parts.products']!.data, cells);
    }
    return { found, together };
  }

  test('give the alignments that the loss gives of all cells at once', async () => {
    const { found, together } = await moments();
    for (const [pair, value] of Object.entries(found.cka))
      expect(value, pair).toBeCloseTo(together[pair]!.data[0]!, 4);
    const sum = Object.values(found.cka).reduce((a, b) => a + b);
    expect(found.overlap).toBeCloseTo(sum, 9);
  });

  test('give 0 for a part that is the same everywhere, not NaN', async () => {
    const { cka } = (await moments('motion')).found;
    expect(cka.commonMotion).toBe(0);
    expect(cka.appearanceMotion).toBe(0);
    expect(cka.commonAppearance).toBeGreaterThan(0);
  });
});

test('perplexity is the number of prototypes that are used alike', () => {
  expect(perplexity([0.25, 0.25, 0.25, 0.25])).toBeCloseTo(4, 9);
  expect(perplexity([3, 3, 0, 0])).toBeCloseTo(2, 9);
  expect(perplexity([0, 7, 0])).toBeCloseTo(1, 9);
  expect(perplexity([0, 0])).toBe(0);
});

describe('the maps of a score', () => {
  test('share its variance, and show which rise together', () => {
    const { shares, correlation } = scoreFigures(
      {
        appearance: [0, 0, 1, 1],
        motion: [0, 2, 0, 2],
        pace: [0, 4, 0, 4],
      },
      'sum',
    );
    // Variances 0.25, 1 and 4, and 2 of motion with pace: 0.25 + (1 + 2) + (4 + 2).
    expect(shares.appearance).toBeCloseTo(0.25 / 9.25, 9);
    expect(shares.motion).toBeCloseTo(3 / 9.25, 9);
    expect(shares.pace).toBeCloseTo(6 / 9.25, 9);
    expect(correlation).toEqual({
      'appearance-motion': 0,
      'appearance-pace': 0,
      'motion-pace': expect.closeTo(1, 9),
    });
  });

  test('share the frames in which they are the largest, where the score is that', () => {
    const series = { appearance: [3, 0, 1, 1], motion: [0, 2, 0, 2] };
    expect(scoreFigures(series, 'largest').shares).toEqual({ appearance: 0.5, motion: 0.5 });
    expect(scoreFigures({}, 'largest').shares).toEqual({});
  });

  test('are nothing where nothing changes', () => {
    const flat = scoreFigures({ appearance: [1, 1], motion: [2, 2] }, 'sum');
    expect(flat).toEqual({
      shares: { appearance: 0, motion: 0 },
      correlation: { 'appearance-motion': 0 },
    });
    expect(scoreFigures({}, 'sum')).toEqual({ shares: {}, correlation: {} });
  });
});

test('principal directions are those of a covariance, the largest first', () => {
  const covariance = Float64Array.of(4, 0, 0, 0, 9, 0, 0, 0, 1);
  const [first, second] = principalDirections(covariance, 3, 2);
  expect(first!.deviation).toBeCloseTo(3, 4);
  expect(Math.abs(first!.vector[1]!)).toBeCloseTo(1, 4);
  expect(second!.deviation).toBeCloseTo(2, 4);
  expect(Math.abs(second!.vector[0]!)).toBeCloseTo(1, 4);
  expect(principalDirections(new Float64Array(4), 2, 3).map(({ deviation }) => deviation)).toEqual([
    0, 0,
  ]);
});

test('rounded figures keep four digits, and what is not known', () => {
  const time = { scales: [{ stride: 1, weight: 0.123456, onMoving: null }], entropy: 1 / 3 };
  expect(rounded({ frames: 12_345, time })).toEqual({
    frames: 12_350,
    time: { scales: [{ stride: 1, weight: 0.1235, onMoving: null }], entropy: 0.3333 },
  });
});
