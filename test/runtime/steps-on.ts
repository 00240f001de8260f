/**
 * A program: `node steps-on.ts DEVICE` runs one step of training and one of a stream, of a tiny model,
 * on a device, and prints what comes out as JSON, by names. It is the same model and footage always.
 */

import { streamGraph } from '../../src/export/graphs.ts';
import { sizeOf, type Value } from '../../src/graph/index.ts';
import { cellGrid } from '../../src/model/configuration.ts';
import { parameterSpecs } from '../../src/model/cost.ts';
import { clipShape } from '../../src/model/input.ts';
import { presetConfiguration } from '../../src/model/presets.ts';
import { initialise, type Weights } from '../../src/nn/parameters.ts';
import { Random } from '../../src/nn/random.ts';
import { type Device, type Feed, Session, type Tensor } from '../../src/runtime/session.ts';
import { trainingConfiguration } from '../../src/training/configuration.ts';
import { scheduleInput, stepGraph } from '../../src/training/step-graph.ts';

const device = process.argv[2] as Device;
const model = presetConfiguration('tiny', 'predict', { width: 32, height: 32 });
const random = new Random('steps');
const bytes = (shape: readonly number[]): Feed => ({
  shape,
  data: Uint8Array.from({ length: sizeOf(shape) }, () => random.below(256)),
});
const normal = (shape: readonly number[]): Feed => ({
  shape,
  data: Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
});

async function run(
  outputs: Readonly<Record<string, Value>>,
  feeds: Readonly<Record<string, Feed>>,
): Promise<Record<string, Tensor>> {
  const session = await Session.compile(outputs, { device });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

function trainingStep(): Promise<Record<string, Tensor>> {
  const training = trainingConfiguration.parse({ batch: 4 });
  const specs = parameterSpecs(model);
  const weights = initialise(specs, 1);
  const flat = (data: Float32Array): Feed => ({ shape: [data.length], data });
  const { height, width } = cellGrid(model);
  const cells = [training.batch, height * width];
  return run(stepGraph(model, training, specs).outputs, {
    frames: bytes(clipShape(model, training.batch)),
    odd: bytes(cells),
    usual: bytes(cells),
    weights: flat(weights),
    averaged: flat(weights),
    firstMoment: flat(new Float32Array(weights.length)),
    secondMoment: flat(new Float32Array(weights.length)),
    schedule: flat(scheduleInput(training, 1, 0.5)),
    errorScales: flat(Float32Array.of(1, 1)),
  });
}

function streamStep(): Promise<Record<string, Tensor>> {
  // Away from the start, where the decoders say nothing.
  const weights: Weights = new Map(
    parameterSpecs(model).map((spec) => [
      spec.name,
      {
        shape: spec.shape,
        data: initialise([spec], 1).map((weight) => weight + 0.05 * random.normal()),
      },
    ]),
  );
  const { inputs, outputs } = streamGraph(model, weights);
  const feeds = [...inputs].map(([name, { dtype, shape }]) => [
    name,
    dtype === 'uint8' ? bytes(shape) : normal(shape),
  ]);
  return run(outputs, Object.fromEntries(feeds));
}

const plain = (tensors: Record<string, Tensor>) =>
  Object.entries(tensors).map(([name, { data }]) => [name, [...data]]);
const [training, stream] = [await trainingStep(), await streamStep()];
process.stdout.write(
  JSON.stringify({
    training: Object.fromEntries(plain(training)),
    stream: Object.fromEntries(plain(stream)),
  }),
);
