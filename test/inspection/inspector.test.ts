import { describe, expect, test } from 'vitest';
import { type ClipReader, Inspector, overlapAtStart } from '../../src/inspection/inspect.ts';
import { type Inspection, inspection } from '../../src/inspection/inspection.ts';
import { inspectedPictures } from '../../src/inspection/pictures.ts';
import { remarks } from '../../src/inspection/remarks.ts';
import { cellGrid, type ModelConfiguration } from '../../src/model/configuration.ts';
import { partNames } from '../../src/model/decomposition.ts';
import { clipShape } from '../../src/model/input.ts';
import { TrainedNet, type Weights } from '../../src/nn/parameters.ts';
import { Random } from '../../src/nn/random.ts';
import { defaultScoring } from '../../src/scoring/score.ts';
import { livelyWeights } from '../detector/clip-errors.ts';
import { ABLATIONS, WHOLE } from '../model/small-models.ts';

const branch = {
  blocks: [{ size: 1, quantiles: Array.from({ length: 10 }, (_, i) => i - 40), tail: 2 }],
};

/** Clips of noise, in which everything moves. */
const noise = (c: ModelConfiguration, count: number): ClipReader[] =>
  Array.from({ length: count }, (_, clip) => async () => {
    const shape = clipShape(c, 1);
    const random = new Random(`clip ${clip}`);
    const size = shape.reduce((product, n) => product * n, 1);
    return { shape, data: Uint8Array.from({ length: size }, () => random.below(256)) };
  });

async function lookInto(
  c: ModelConfiguration,
  weights: Weights = livelyWeights(c),
  options: Partial<Parameters<Inspector['inspect']>[1]> = {},
): Promise<Inspection> {
  const inspector = await Inspector.create(c, { netOn: (graph) => new TrainedNet(graph, weights) });
  const clips = noise(c, 3);
  const found = await inspector.inspect(clips, { ablated: clips.slice(0, 2), ...options });
  await inspector.release();
  return found.inspection;
}

describe('there are figures of what a model has, and of nothing else', () => {
  test.each(Object.entries(ABLATIONS))('%s', async (_, c) => {
    const found = await lookInto(c);
    expect(inspection.parse(JSON.parse(JSON.stringify(found)))).toEqual(found);
    const [strides, patches] = [c.temporal.strides, c.spatial.scales.map(({ patch }) => patch)];
    if (strides.length > 1) {
      expect(found.time!.scales.map(({ stride }) => stride)).toEqual(strides);
      const sum = found.time!.scales.reduce((total, { onMoving }) => total + onMoving!, 0);
      expect(sum).toBeCloseTo(1, 4);
    } else expect(found.time).toBeUndefined();
    if (patches.length > 1) {
      expect(found.granularity!.scales.map(({ patch }) => patch)).toEqual(patches);
    } else expect(found.granularity).toBeUndefined();
    expect(found.parts !== undefined).toBe(c.decomposition);
    const parts = c.decomposition ? partNames : ['common'];
    if (c.memorySlots > 0) expect(Object.keys(found.memories!)).toEqual(parts);
    else expect(found.memories).toBeUndefined();
    for (const { perplexity } of Object.values(found.memories ?? {})) {
      expect(perplexity).toBeGreaterThanOrEqual(1);
      expect(perplexity).toBeLessThanOrEqual(c.memorySlots);
    }
    const errors = { appearance: 'frame', motion: 'difference' } as const;
    for (const part of found.parts ? partNames : [])
      for (const [decoder, error] of Object.entries(errors))
        expect(found.parts!.ablation[part][error as 'frame'] !== undefined).toBe(
          c.decoders.branches.includes(decoder as 'motion'),
        );
    // It is not known what is normal.
    expect(found.score).toBeUndefined();
  });
});

/** Weights with which a decoder hears nothing of one of its two parts. */
function deaf(c: ModelConfiguration, decoder: string, to: 'common' | 'own'): Weights {
  return new Map(
    [...livelyWeights(c)].map(([name, { shape, data }]) => {
      if (name !== `decoder.${decoder}.coarse.weight`) return [name, { shape, data }];
      const inputs = shape[1]!;
      const silenced = data.map((value, i) => {
        const input = Math.floor(i / 9) % inputs;
        return input < inputs / 2 === (to === 'common') ? 0 : value;
      });
      return [name, { shape, data: silenced }];
    }),
  );
}

describe('the ablation of a part', () => {
  const c = ABLATIONS.reconstruct!;

  test('changes the error of its own decoder alone, and the common part that of both', async () => {
    const { appearance, motion, common } = (await lookInto(c)).parts!.ablation;
    expect(appearance.difference).toBe(1);
    expect(motion.frame).toBe(1);
    for (const ratio of [appearance.frame, motion.difference, common.frame, common.difference])
      expect(Math.abs(ratio! - 1)).toBeGreaterThan(1e-6);
  });

  test('puts the mean of a part in its place: of one that is the same everywhere it changes nothing', async () => {
    const plain = ABLATIONS['no memory']!;
    const constant = new Map(
      [...livelyWeights(plain)].map(([name, { shape, data }]) => {
        if (name === 'decomposition.motion.weight')
          return [name, { shape, data: data.map(() => 0) }];
        if (name === 'decomposition.motion.bias') return [name, { shape, data: data.map(() => 2) }];
        return [name, { shape, data }];
      }),
    );
    const { motion, common } = (await lookInto(plain, constant)).parts!.ablation;
    expect(motion.difference).toBeCloseTo(1, 5);
    expect(Math.abs(common.difference! - 1)).toBeGreaterThan(1e-4);
  });

  test('is 1 where the decoder does not hear of the part', async () => {
    const own = (await lookInto(c, deaf(c, 'motion', 'own'))).parts!.ablation;
    expect(own.motion.difference).toBe(1);
    expect(own.common.difference).not.toBe(1);
    const common = (await lookInto(c, deaf(c, 'appearance', 'common'))).parts!.ablation;
    expect(common.common.frame).toBe(1);
    expect(common.appearance.frame).not.toBe(1);
    expect(common.common.difference).not.toBe(1);
  });
});

test('the score is made of the maps that there are statistics of', async () => {
  const statistics = { frames: 9, appearance: branch, pace: branch };
  const { score } = await lookInto(WHOLE, livelyWeights(WHOLE), {
    calibration: { statistics, scoring: defaultScoring },
  });
  expect(Object.keys(score!.shares)).toEqual(['appearance', 'pace']);
  expect(score!.shares.appearance! + score!.shares.pace!).toBeCloseTo(1, 6);
  expect(Object.keys(score!.correlation)).toEqual(['appearance-pace']);
});

test('the overlap at the start is that of the weights that a training begins with', async () => {
  const clips = noise(WHOLE, 3);
  const first = await overlapAtStart(WHOLE, 1, clips);
  expect(first).toBeGreaterThan(0);
  expect(await overlapAtStart(WHOLE, 1, clips)).toBe(first);
  expect(await overlapAtStart(WHOLE, 2, clips)).not.toBe(first);
  // livelyWeights begin as those of seed 1, but for layers behind the parts.
  expect((await lookInto(WHOLE)).parts!.overlap).toBeCloseTo(first, 4);
  expect(await overlapAtStart(ABLATIONS['no decomposition']!, 1, clips)).toBe(0);
});

test('progress counts every pass through the model', async () => {
  let passes = 0;
  const inspector = await Inspector.create(WHOLE, {
    netOn: (graph) => new TrainedNet(graph, livelyWeights(WHOLE)),
  });
  const clips = noise(WHOLE, 3);
  await inspector.inspect(clips, { ablated: clips.slice(0, 1), onPass: () => passes++ });
  expect(passes).toBe(inspector.passes(3, 1));
  await expect(inspector.inspect([], { ablated: [] })).rejects.toThrow('no clips');
  await inspector.release();
});

test.each(['the whole', 'everything off', 'patches from 2 to 32'])(
  'pictures of %s',
  async (name) => {
    const c = ABLATIONS[name]!;
    const inspector = await Inspector.create(c, {
      netOn: (graph) => new TrainedNet(graph, livelyWeights(c)),
    });
    const clips = noise(c, 2);
    const { parts } = await inspector.inspect(clips, { ablated: [] });
    await inspector.release();
    const [picture, ...others] = await inspectedPictures(c, livelyWeights(c), clips, parts);
    expect(others.length).toBe(1);
    const { height, width } = cellGrid(c);
    const cells = height * width;
    expect(picture!.frame.length).toBe(64 * cells);
    expect(picture!.change.length).toBe(cells);
    expect(picture!.time?.length).toBe(
      c.temporal.strides.length > 1 ? cells * c.temporal.strides.length : undefined,
    );
    expect(picture!.granularity?.length).toBe(
      c.spatial.scales.length > 1 ? cells * c.spatial.scales.length : undefined,
    );
    for (const part of c.decomposition ? partNames : []) {
      expect(picture!.parts[part]!.length).toBe(3 * cells);
      expect(picture!.parts[part]!.every(Number.isFinite)).toBe(true);
      expect(picture!.prototypes[part]!.every((slot) => slot >= -1 && slot < c.memorySlots)).toBe(
        true,
      );
    }
  },
);

describe('remarks', () => {
  const good: Inspection = {
    frames: 9,
    time: { scales: [{ stride: 1, weight: 0.5, onMoving: 0.5 }], entropy: 0.9 },
    granularity: { scales: [{ patch: 4, weight: 1, deviation: 0.1 }] },
    parts: {
      overlapAtStart: 1,
      overlap: 0.5,
      cka: { commonAppearance: 0.1, commonMotion: 0.1, appearanceMotion: 0.1 },
      ablation: {
        common: { frame: 2, difference: 2 },
        appearance: { frame: 3, difference: 1 },
        motion: { frame: 1, difference: 3 },
      },
    },
    memories: { common: { slots: 64, perplexity: 20 } },
    score: { shares: { appearance: 1 }, correlation: { 'appearance-motion': 0.1 } },
  };

  test('are none where all is well, or where nothing is known', () => {
    expect(remarks(good)).toEqual([]);
    expect(remarks({ frames: 1 })).toEqual([]);
  });

  test('say what is not', () => {
    const { parts } = good;
    const bad: Inspection = {
      ...good,
      time: { scales: [{ stride: 1, weight: 0.5, onMoving: 0.99 }], entropy: 0.1 },
      granularity: { scales: [{ patch: 4, weight: 1, deviation: 0.01 }] },
      parts: {
        overlapAtStart: 0.2,
        overlap: 1,
        cka: { ...parts!.cka, commonMotion: 0.95 },
        ablation: { ...parts!.ablation, motion: { frame: 2.9, difference: 3 } },
      },
      memories: { common: { slots: 64, perplexity: 2 } },
      score: { shares: {}, correlation: { 'motion-pace': 0.95 } },
    };
    const text = remarks(bad).join('\n');
    for (const said of [
      'stride 1 has 0.99',
      'the same everywhere',
      'more alike than at the start',
      'common and motion are much alike',
      'motion part serves the other decoder',
      'common memory uses 2.00 of its 64',
      'motion and pace rise together',
    ])
      expect(text).toContain(said);
    expect(remarks(bad).length).toBe(7);
  });
});
