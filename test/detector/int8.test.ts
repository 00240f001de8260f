import { join } from 'node:path';
import { expect, test } from 'vitest';
import { activationRanges } from '../../src/detector/activation-ranges.ts';
import { Detector } from '../../src/detector/detector.ts';
import { loadModel } from '../../src/detector/model.ts';
import { readModel } from '../../src/detector/model-file.ts';
import { UserError } from '../../src/errors.ts';
import { exportModel } from '../../src/export/export.ts';
import { clipLength, clipOffsets, type ModelConfiguration } from '../../src/model/configuration.ts';
import { presetConfiguration } from '../../src/model/presets.ts';
import { int8Overflows } from '../../src/runtime/int8-sums.ts';
import { quantise } from '../../src/training/quantise.ts';
import { listing } from '../cli/command-line.ts';
import { sharedFolder } from '../cli/footage.ts';
import { relativeError } from '../graph/evaluate.ts';
import { ABLATIONS, WHOLE } from '../model/small-models.ts';
import { trainTiny } from '../training/tiny-model.ts';
import { livelyWeights } from './clip-errors.ts';
import { footage, gather, inOrder } from './footage.ts';

/** Every clip of some frames, as the clip graph is fed. */
async function* clipsOf(c: ModelConfiguration, frames: readonly Uint8Array[]) {
  for (let now = clipLength(c) - 1; now < frames.length; now++)
    yield Buffer.concat(clipOffsets(c).map((offset) => frames[now - offset]!));
}

test.each<[string, ModelConfiguration]>([
  ['tiny', presetConfiguration('tiny')],
  ['every part, as small as it gets', WHOLE],
  ['finest tokens that are brought to the fine grid', ABLATIONS['no fine scale']!],
  ['three channels', ABLATIONS['three channels']!],
])('the errors of a model in int8 are close to its own: %s', async (_, c) => {
  const weights = livelyWeights(c);
  const frames = footage(c, clipLength(c) + 6, 'scored');
  const ranges = await activationRanges(c, weights, clipsOf(c, frames));
  const modules = [...ranges.keys()];
  for (const branch of c.decoders.branches)
    for (const layer of ['coarse', 'up', 'join', '0.first', '0.second'])
      if (layer !== 'join' || c.decoders.skip.includes(branch))
        expect(modules).toContain(`decoder.${branch}.${layer}`);
  expect(modules.filter((module) => !/^decoder\./.test(module))).toEqual([]);
  expect(modules.filter((module) => module.includes('pixels'))).toEqual([]);

  const errorsOf = async (int8?: typeof ranges) => {
    const detector = await Detector.create(c, weights, { batch: 4 }, int8);
    try {
      return await gather(detector.errors(inOrder(frames)));
    } finally {
      await detector.release();
    }
  };
  const [float, rounded] = [await errorsOf(), await errorsOf(ranges)];
  let largest = 0;
  for (const [i, errors] of float.entries())
    for (const branch of c.decoders.branches) {
      const difference = errors ? relativeError(rounded[i]![branch]!, errors[branch]!) : 0;
      largest = Math.max(largest, difference);
    }
  expect(largest).toBeLessThan(0.02);
  expect(largest).toBeGreaterThan(0);
});

const shared = sharedFolder(trainTiny);
const at = (name: string) => join(shared(), name);

test('a model in int8 is a folder as any other, with statistics of its own', async () => {
  const float = await readModel(at('model'));
  const measured: number[] = [];
  const made = await quantise(at('model'), at('data'), at('int8'), {
    onMeasuring: (done, total) => measured.push(done / total),
  });
  expect(measured.at(-1)).toBe(1);
  expect(await readModel(at('int8'))).toEqual(made);
  const { quantisation, statistics, threshold, scoring, ...rest } = made.description;
  expect(Object.keys(quantisation!.ranges).length).toBe(8);
  expect(made.weights).toEqual(float.weights);
  expect(rest).toEqual({
    ...float.description,
    quantisation: undefined,
    statistics: undefined,
    threshold: undefined,
    scoring: undefined,
  });
  expect(statistics.frames).toBe(float.description.statistics.frames);
  expect(threshold.budgetPerHour).toBe(float.description.threshold.budgetPerHour);
  expect(scoring.window).toBe(float.description.scoring.window);
  const median = statistics.appearance!.blocks[0]!.quantiles[5]!;
  const floatMedian = float.description.statistics.appearance!.blocks[0]!.quantiles[5]!;
  expect(median / floatMedian).toBeCloseTo(1, 1);
  expect(median).not.toBe(floatMedian);

  const model = await loadModel(at('int8'));
  const scores = await gather(model.score(at('data/testing/videos/01.mp4')));
  await model.release();
  const plain = await loadModel(at('model'));
  const expected = await gather(plain.score(at('data/testing/videos/01.mp4')));
  await plain.release();
  expect(scores.map(({ frame }) => frame)).toEqual(expected.map(({ frame }) => frame));
  expect(scores.map(({ score }) => score)).not.toEqual(expected.map(({ score }) => score));
});

test('what a model in int8 cannot do is refused, and nothing is left', async () => {
  const before = await listing(shared());
  const refused = async (work: Promise<unknown>, message: RegExp) => {
    const error = await work.then(
      () => undefined,
      (error: Error) => error,
    );
    expect(error).toBeInstanceOf(UserError);
    expect(error!.message).toMatch(message);
  };
  await refused(loadModel(at('int8'), { device: 'webgpu' }), /int8: .* computes on the CPU/);
  await refused(exportModel(at('int8'), at('onnx')), /int8: .* is not exported/);
  await refused(quantise(at('int8'), at('data'), at('new')), /int8: is in int8 already/);
  await refused(quantise(at('model'), at('data'), at('data')), /data: exists and holds something/);
  await refused(
    quantise(at('model'), at('data/testing/videos/01.mp4'), at('new')),
    /01.mp4: is not the footage that .*model learned from/,
  );
  expect(await listing(shared())).toEqual(before);
});

test('whether sums of int8 overflow here is found out, and asked once', async () => {
  expect(await int8Overflows()).toBeTypeOf('boolean');
  expect(int8Overflows()).toBe(int8Overflows());
});
