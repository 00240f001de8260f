import { describe, expect, test } from 'vitest';
import {
  CELL,
  clipOffsets,
  type ModelConfiguration,
  modelConfiguration,
} from '../../src/model/configuration.ts';
import { partNames } from '../../src/model/decomposition.ts';
import type { Weights } from '../../src/nn/parameters.ts';
import { Session, type Tensor } from '../../src/runtime/session.ts';
import { evaluate, normal } from '../graph/evaluate.ts';
import { clipOutputs, randomClip, startingWeights, WHOLE } from './small-models.ts';

const reconstruct = (changes: Partial<ModelConfiguration> = {}): ModelConfiguration =>
  modelConfiguration.parse({
    ...WHOLE,
    task: 'reconstruct',
    decoders: { ...WHOLE.decoders, skip: [], depth: 0 },
    ...changes,
  });

describe('the hidden target', () => {
  /** The time scales, by stride, whose features change when one frame of a clip is replaced. */
  async function changedStrides(hideTarget: boolean, offset: number): Promise<number[]> {
    const temporal = { ...WHOLE.temporal, strides: [1, 2, 4], hideTarget };
    const c = reconstruct({ temporal });
    const { scales } = clipOutputs(c, startingWeights(c)).temporal;
    const named = Object.fromEntries(scales.map((scale, i) => [temporal.strides[i], scale]));
    const session = await Session.compile(named);
    const clip = randomClip(c, 'clip');
    const before = await session.run({ frames: clip });
    const data = clip.data.slice();
    const picture = c.input.height * c.input.width;
    data.set(normal([picture], 'another').data, clipOffsets(c).indexOf(offset) * picture);
    const after = await session.run({ frames: { ...clip, data } });
    await session.release();
    return temporal.strides.filter((stride) =>
      after[stride]!.data.some((value, i) => value !== before[stride]!.data[i]),
    );
  }

  test('the newest frame does not reach stride 1, but the longer strides', async () => {
    expect(await changedStrides(true, 0)).toEqual([2, 4]);
    expect(await changedStrides(false, 0)).toEqual([1, 2, 4]);
  });

  test('the frame before does reach stride 1, and those of three steps back', async () => {
    expect(await changedStrides(true, 1)).toEqual([1]);
    expect(await changedStrides(true, 4)).toEqual([1, 2, 4]);
  });
});

/** Weights with which the memories hold nothing, and decoders draw something of nothing. */
function emptyMemories(c: ModelConfiguration): Weights {
  return new Map(
    [...startingWeights(c)].map(([name, { shape, data }]) => {
      if (name.endsWith('.prototypes')) return [name, { shape, data: data.map(() => 0) }];
      if (name.endsWith('.coarse.bias')) return [name, { shape, data: data.map(() => 1) }];
      return [name, { shape, data }];
    }),
  );
}

/** What a model draws of a random clip with memories that hold nothing. */
async function drawn(c: ModelConfiguration, seed: string): Promise<Record<string, Tensor>> {
  const { appearance, motion } = clipOutputs(c, emptyMemories(c));
  return evaluate({ appearance: appearance!, motion: motion! }, { frames: randomClip(c, seed) });
}

describe('a memory that cannot be passed', () => {
  test('is all that decoders draw from: what it does not hold is not drawn', async () => {
    const c = reconstruct({ memoryBypass: false });
    const [first, second] = [await drawn(c, 'one clip'), await drawn(c, 'another clip')];
    for (const branch of ['appearance', 'motion'] as const) {
      expect([...first[branch]!.data]).toEqual([...second[branch]!.data]);
      expect(first[branch]!.data.some((value) => value !== 0)).toBe(true);
    }
  });

  test('can be passed where it is allowed: every clip then has its own picture', async () => {
    const c = reconstruct({ memoryBypass: true });
    const [first, second] = [await drawn(c, 'one clip'), await drawn(c, 'another clip')];
    for (const branch of ['appearance', 'motion'] as const)
      expect([...first[branch]!.data]).not.toEqual([...second[branch]!.data]);
  });

  test.each([true, false])(
    'gives the decoders of each part what they are to have, %s',
    (bypass) => {
      const c = reconstruct({ memoryBypass: bypass });
      const { remembered } = clipOutputs(c, startingWeights(c));
      for (const part of partNames) {
        const width = bypass ? 2 * c.partWidth : c.partWidth;
        expect(remembered[part]!.shape).toEqual([1, 16, width]);
        expect(remembered.readings[part]!.read.shape).toEqual([1, 16, c.partWidth]);
      }
    },
  );
});

describe('learned places', () => {
  /** What is drawn of two cells in the middle, far from the borders of the picture. */
  async function middle(placeWidth: number, branch: 'appearance' | 'motion') {
    const size = 64;
    const c = reconstruct({
      memoryBypass: false,
      placeWidth,
      input: { width: size, height: size, channels: 1 },
    });
    const { data } = (await drawn(c, 'clip'))[branch]!;
    const cell = (column: number) =>
      Array.from({ length: CELL ** 2 }, (_, i) => {
        const [y, x] = [3 * CELL + Math.floor(i / CELL), column * CELL + (i % CELL)];
        return data[y * size + x]!;
      });
    return [cell(3), cell(4)] as const;
  }

  test.each(['appearance', 'motion'] as const)(
    'let the %s decoder tell places apart',
    async (branch) => {
      const [left, right] = await middle(0, branch);
      for (const [i, value] of left.entries()) expect(value).toBeCloseTo(right[i]!, 9);
      const [here, there] = await middle(4, branch);
      const apart = Math.max(...here.map((value, i) => Math.abs(value - there[i]!)));
      expect(apart).toBeGreaterThan(1e-6);
    },
  );

  test('each decoder has its own', () => {
    const names = [...startingWeights(reconstruct({ placeWidth: 4 })).keys()];
    expect(names.filter((name) => name.endsWith('.place'))).toEqual([
      'decoder.appearance.place',
      'decoder.motion.place',
    ]);
    expect([...startingWeights(reconstruct()).keys()].some((name) => name.includes('.place'))).toBe(
      false,
    );
  });
});

describe('the fusion of the granularities', () => {
  async function weights(fusion: 'cell' | 'picture'): Promise<number[][]> {
    const c = reconstruct({ spatial: { ...WHOLE.spatial, fusion } });
    const { spatial } = clipOutputs(c, startingWeights(c));
    const found = await evaluate({ weights: spatial.weights! }, { frames: randomClip(c, 'clip') });
    const { data } = found.weights!;
    return Array.from({ length: data.length / 3 }, (_, i) => [...data.slice(3 * i, 3 * i + 3)]);
  }

  test('weighs them at each cell by what is there, or in the whole picture', async () => {
    const cells = await weights('cell');
    expect(cells.length).toBe(16);
    for (const cell of cells) expect(cell.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    expect(new Set(cells.map(([first]) => first)).size).toBe(16);
    expect((await weights('picture')).length).toBe(1);
  });
});

test('more than three scales have weights of their own, named by stride and patch', async () => {
  const c = reconstruct({
    temporal: { ...WHOLE.temporal, strides: [1, 2, 4, 8] },
    spatial: {
      ...WHOLE.spatial,
      scales: ([2, 4, 8, 16, 32] as const).map((patch) => ({ patch, width: 8, depth: 1 })),
    },
  });
  const modules = new Set(
    [...startingWeights(c).keys()].map((name) => name.split('.').slice(0, 2).join('.')),
  );
  for (const stride of [1, 2, 4, 8]) expect(modules).toContain(`temporal.stride${stride}`);
  for (const patch of [2, 4, 8, 16, 32]) expect(modules).toContain(`spatial.patch${patch}`);
  const { spatial, temporal } = clipOutputs(c, startingWeights(c));
  expect([spatial.weights!.shape.at(-1), temporal.weights!.shape.at(-1)]).toEqual([5, 4]);
  // The oldest frame of the longest stride counts.
  expect(clipOffsets(c)[0]).toBe(24);
});
