/**
 * A program: `node steps-on.ts DEVICE` runs two steps of training and one of a stream, of a tiny model,
 * on a device, and prints what comes out as JSON, by names. It is the same model and footage always.
 */

import { streamGraph } from '../../src/export/graphs.ts';
import { sizeOf } from '../../src/graph/index.ts';
import { cellGrid } from '../../src/model/configuration.ts';
import { parameterSpecs } from '../../src/model/cost.ts';
import { clipShape } from '../../src/model/input.ts';
import { presetConfiguration } from '../../src/model/presets.ts';
import { initialise, type Weights } from '../../src/nn/parameters.ts';
import { Random } from '../../src/nn/random.ts';
import { type Device, type Feed, Session, type Tensor } from '../../src/runtime/session.ts';
import { trainingConfiguration } from '../../src/training/configuration.ts';
import { CARRY, STATE, scheduleInput, stepGraph } from '../../src/training/step-graph.ts';

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

type Numbers = Record<string, readonly number[]>;

const numbers = (tensors: Record<string, Tensor>): Numbers =>
  Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, [...data]]));

/** The terms of two steps, and the state that they end with. */
async function trainingSteps(): Promise<Numbers> {
  const training = trainingConfiguration.parse({ batch: 4 });
  const specs = parameterSpecs(model);
  const weights = initialise(specs, 1);
  const zeros = new Float32Array(weights.length);
  const flat = (data: Float32Array) => ({ shape: [data.length], data });
  const { height, width } = cellGrid(model);
  const cells = [training.batch, height * width];
  const feeds = {
    frames: bytes(clipShape(model, training.batch)),
    abnormal: bytes(cells),
    normal: bytes(cells),
    schedule: flat(scheduleInput(training, 1, 0.5)),
    errorScales: flat(Float32Array.of(1, 1)),
  };
  const { outputs } = stepGraph(model, training, specs);
  const session = await Session.compile(outputs, { device, carry: CARRY });
  try {
    for (const name of STATE)
      await session.carry(name, flat(name.endsWith('Moment') ? zeros : weights));
    const first = numbers(await session.run(feeds));
    const afterFirst = [...(await session.carried('weights'))];
    const second = numbers(await session.run(feeds));
    const found: Numbers = { afterFirst };
    for (const name of STATE) found[name] = [...(await session.carried(name))];
    for (const [name, value] of Object.entries(first)) found[`first.${name}`] = value;
    return { ...found, ...second };
  } finally {
    await session.release();
  }
}

async function streamStep(): Promise<Numbers> {
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
  const session = await Session.compile(outputs, { device });
  try {
    return numbers(await session.run(Object.fromEntries(feeds)));
  } finally {
    await session.release();
  }
}

process.stdout.write(
  JSON.stringify({ training: await trainingSteps(), stream: await streamStep() }),
);
