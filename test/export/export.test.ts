import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { readModel, type TrainedModel } from '../../src/detector/model-file.ts';
import type { ExportDescription } from '../../src/export/description.ts';
import { exportModel, portableModel } from '../../src/export/export.ts';
import { Model } from '../../src/graph/onnx/schema.ts';
import { clipLength, type ModelConfiguration } from '../../src/model/configuration.ts';
import { type CellErrors, errorKinds } from '../../src/scoring/blocks.ts';
import { sharedFolder } from '../cli/footage.ts';
import { relativeError } from '../graph/evaluate.ts';
import { ABLATIONS, startingWeights } from '../model/small-models.ts';
import { trainTiny } from '../training/tiny-model.ts';
import { detectorErrors } from './detector-errors.ts';
import { movedWeights, movingPictures } from './moved-weights.ts';
import { streamErrors } from './stream-in-web-runtime.ts';

const folder = sharedFolder(async (to) => {
  await trainTiny(to);
  await exportModel(join(to, 'model'), join(to, 'onnx'));
});

const readJson = async (name: string) =>
  JSON.parse(await readFile(join(folder(), 'onnx', name), 'utf8')) as ExportDescription;

const pixelsOf = ({ input }: ModelConfiguration): number =>
  input.channels * input.height * input.width;

function expectSameErrors(actual: CellErrors, expected: CellErrors): void {
  expect(actual.grid).toEqual(expected.grid);
  for (const kind of errorKinds) {
    const [mine, theirs] = [expected[kind], actual[kind]];
    expect(theirs === undefined).toBe(mine === undefined);
    if (mine && theirs) expect(relativeError(theirs, mine), kind).toBeLessThan(1e-4);
  }
}

/** A whole model of any configuration: the description of the trained one, and weights that matter. */
async function modelOf(configuration: ModelConfiguration): Promise<TrainedModel> {
  const { description } = await readModel(join(folder(), 'model'));
  return {
    description: { ...description, configuration },
    weights: movedWeights(startingWeights(configuration)),
  };
}

test('the folder holds two ONNX files and their description, which is in both of them, too', async () => {
  const names = await readdir(join(folder(), 'onnx'));
  expect(names.toSorted()).toEqual(['clip.onnx', 'export.json', 'stream.onnx']);
  const description = await readJson('export.json');
  for (const name of ['clip.onnx', 'stream.onnx']) {
    const file = Model.decode(await readFile(join(folder(), 'onnx', name)));
    const { metadataProps } = Model.toObject(file) as { metadataProps: { value: string }[] };
    expect(metadataProps.map(({ value }) => JSON.parse(value))).toEqual([description]);
  }
});

test('the description tells what a user of the files needs', async () => {
  const description = await readJson('export.json');
  const { configuration, scoring, statistics, threshold } = (
    await readModel(join(folder(), 'model'))
  ).description;
  expect(description).toMatchObject({
    format: 2,
    model: { preset: 'tiny', task: 'reconstruct' },
    frame: { ...configuration.input, colours: 'gray', type: 'uint8', resize: 'area' },
    clipOffsets: [12, 8, 6, 4, 3, 2, 1, 0],
    warmUpFrames: 12,
    cells: { size: 8, columns: 4, rows: 4 },
    scoring,
    statistics,
    threshold,
    clip: {
      inputs: [{ name: 'frames', type: 'uint8', shape: [1, 8, 1, 32, 32] }],
      outputs: [
        { name: 'appearance', type: 'float32', shape: [1, 4, 4] },
        { name: 'motion', type: 'float32', shape: [1, 4, 4] },
        { name: 'expectedMotion', type: 'float32', shape: [1, 4, 4] },
        { name: 'pace', type: 'float32', shape: [1, 4, 4] },
      ],
      state: [],
    },
    stream: {
      state: [
        { input: 'past.frames', output: 'next.frames' },
        { input: 'past.steps.1', output: 'next.steps.1' },
        { input: 'past.steps.2', output: 'next.steps.2' },
        { input: 'past.steps.4', output: 'next.steps.4' },
      ],
    },
  });
});

test.each(['clip.onnx', 'stream.onnx'])('%s is made of standard operators alone', async (name) => {
  const file = Model.decode(await readFile(join(folder(), 'onnx', name)));
  const { opsetImport, graph } = Model.toObject(file, { longs: Number }) as {
    opsetImport: object[];
    graph: { node: { opType: string; domain: string }[] };
  };
  expect(opsetImport).toEqual([{ version: 21 }]);
  expect(graph.node.filter(({ domain }) => domain)).toEqual([]);
  expect(graph.node.map(({ opType }) => opType)).not.toContain('SimplifiedLayerNormalization');
});

test('in the files as they were written, another runtime finds the errors of a stream', async () => {
  const { description, weights } = await readModel(join(folder(), 'model'));
  const { configuration } = description;
  const frames = movingPictures(clipLength(configuration) + 8, pixelsOf(configuration));
  const expected = await detectorErrors({ configuration, weights }, frames);
  const onnx = await readFile(join(folder(), 'onnx/stream.onnx'));
  const exported = await readJson('export.json');
  let t = -exported.warmUpFrames;
  for await (const errors of streamErrors(onnx, exported, frames)) {
    if (t >= 0) expectSameErrors(errors, expected[t]!);
    t += 1;
  }
  expect(t).toBe(expected.length);
});

describe('another runtime finds the errors of our own:', () => {
  // 77 tokens on the coarsest grid, which divide into no chunks.
  const odd = { ...ABLATIONS['the whole']!, input: { width: 176, height: 112, channels: 1 } };
  const models = { ...ABLATIONS, 'an odd size': odd as ModelConfiguration };
  test.each(Object.entries(models))('%s', async (_, configuration) => {
    const model = await modelOf(configuration);
    const { description, files } = portableModel(model);
    const frames = movingPictures(clipLength(configuration) + 3, pixelsOf(configuration));
    const expected = await detectorErrors({ configuration, weights: model.weights }, frames);
    const stream: CellErrors[] = [];
    for await (const errors of streamErrors(files['stream.onnx']!, description, frames))
      stream.push(errors);
    const computed = stream.slice(description.warmUpFrames);
    expect(computed.length).toBe(expected.length);
    computed.forEach((errors, t) => {
      expectSameErrors(errors, expected[t]!);
    });

    const { shape } = description.clip.inputs[0]!;
    const clip = new Uint8Array(shape.reduce((product, axis) => product * axis, 1));
    const last = frames.length - 1;
    description.clipOffsets.forEach((offset, i) => {
      clip.set(frames[last - offset]!, i * pixelsOf(configuration));
    });
    const session = await InferenceSession.create(files['clip.onnx']!);
    const maps = await session.run({ frames: new Tensor('uint8', clip, shape) });
    await session.release();
    const map = (kind: string) => maps[kind]?.data as Float32Array | undefined;
    const { grid } = expected.at(-1)!;
    const found = Object.fromEntries(errorKinds.map((kind) => [kind, map(kind)]));
    expectSameErrors({ grid, ...found }, expected.at(-1)!);
  });
});
