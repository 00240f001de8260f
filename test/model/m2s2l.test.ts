import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clipOffsets } from '../../src/model/configuration.ts';
import { parameterSpecs } from '../../src/model/cost.ts';
import { Session, type Tensor } from '../../src/runtime/session.ts';
import { evaluate, normal, relativeError } from '../graph/evaluate.ts';
import { ABLATIONS, clipModel, randomClip, WHOLE } from './small-models.ts';

test('parameters have names of the boxes of the paper, each once', () => {
  const names = parameterSpecs(WHOLE).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const boxes = new Set(names.map((name) => name.split('.').slice(0, 2).join('.')));
  expect([...boxes].sort()).toEqual([
    'decoder.appearance',
    'decoder.motion',
    'decomposition.appearance',
    'decomposition.common',
    'decomposition.motion',
    'decomposition.norm',
    'memory.appearance',
    'memory.common',
    'memory.motion',
    'pace.features',
    'pace.first',
    'pace.logit',
    'pace.norm',
    'pace.second',
    'spatial.fusion',
    'spatial.patch16',
    'spatial.patch4',
    'spatial.patch8',
    'temporal.fusion',
    'temporal.stride1',
    'temporal.stride2',
    'temporal.stride4',
  ]);
});

const reconstruct = ABLATIONS.reconstruct!;
describe.each([
  ['predict', WHOLE, clipOffsets(WHOLE).slice(0, -1)],
  ['reconstruct', reconstruct, clipOffsets(reconstruct)],
] as const)('%s', (task, c, seen) => {
  const { channels, height, width } = c.input;
  const picture = channels * height * width;
  const clip = randomClip(c, 'clip');
  let session: Session;
  let before: Record<string, Tensor>;
  beforeAll(async () => {
    session = await Session.compile(clipModel(c));
    before = await session.run({ frames: clip });
  });
  afterAll(() => session.release());

  const pace = ['pace.logit', 'pace.movement'];

  /** Names of the pictures and maps that change when one frame of the clip is replaced. */
  async function changedBy(offset: number): Promise<string[]> {
    const data = clip.data.slice();
    data.set(normal([picture], 'another').data, clipOffsets(c).indexOf(offset) * picture);
    const after = await session.run({ frames: { ...clip, data } });
    const names = ['appearance', 'motion', 'frame', 'difference', ...pace];
    return names.filter((name) =>
      after[name]!.data.some((value, i) => value !== before[name]!.data[i]),
    );
  }

  test.each(seen)(
    'what is decoded, and the pace, depend on the frame %i before the newest',
    async (offset) => {
      const changed = await changedBy(offset);
      expect(changed).toEqual(expect.arrayContaining(['appearance', 'motion', 'pace.logit']));
      // What moves is told by the two newest frames that are seen.
      expect(changed.includes('pace.movement')).toBe(seen.slice(-2).includes(offset));
    },
  );

  test(`the newest frame is ${task === 'predict' ? 'hidden from' : 'shown to'} the encoders`, async () => {
    const targets = ['frame', 'difference'];
    const all = ['appearance', 'motion', ...targets, ...pace];
    expect(await changedBy(0)).toEqual(task === 'predict' ? targets : all);
  });

  test('the targets are the newest frame and its difference to the one before', () => {
    const newest = clip.data.slice(-picture);
    const previous = clip.data.slice(-2 * picture, -picture);
    expect(relativeError(before.frame!.data, newest)).toBeLessThan(1e-6);
    const difference = newest.map((value, i) => value - previous[i]!);
    expect(relativeError(before.difference!.data, difference)).toBeLessThan(1e-6);
  });
});

test('a clip of a batch does not depend on the others', async () => {
  const pair = randomClip(WHOLE, 'pair', 2);
  const size = pair.data.length / 2;
  const together = await evaluate(clipModel(WHOLE, 2), { frames: pair });
  const alone = await Session.compile(clipModel(WHOLE));
  for (const clip of [0, 1]) {
    const data = pair.data.slice(clip * size, (clip + 1) * size);
    const { motion } = await alone.run({ frames: { shape: [1, ...pair.shape.slice(1)], data } });
    const pixels = motion!.data.length;
    const own = together.motion!.data.slice(clip * pixels, (clip + 1) * pixels);
    expect(relativeError(own, motion!.data)).toBeLessThan(1e-5);
  }
  await alone.release();
});
