import { describe, expect, it } from 'vitest';
import { sizeOf } from '../../src/graph/index.ts';
import { parameterSpecs } from '../../src/model/cost.ts';
import { clipShape } from '../../src/model/input.ts';
import { presetConfiguration } from '../../src/model/presets.ts';
import { initialise } from '../../src/nn/parameters.ts';
import { Random } from '../../src/nn/random.ts';
import { type Feed, Session, type Tensor } from '../../src/runtime/session.ts';
import { BETA1, BETA2, trainingConfiguration } from '../../src/training/configuration.ts';
import { scheduleInput, stepGraph } from '../../src/training/step-graph.ts';

const model = presetConfiguration('tiny', 'predict', { width: 32, height: 32 });
const training = trainingConfiguration.parse({ batch: 4, clipNorm: 0.5, weightDecay: 0.1 });
const specs = parameterSpecs(model);
const weights = initialise(specs, 3);
const size = weights.length;
const flat = (data: Float32Array): Tensor => ({ shape: [data.length], data });

/** What is to be said of all cells of each clip. */
const labels = (...clips: number[]): Feed => {
  const cells = 16;
  const data = Uint8Array.from(
    { length: clips.length * cells },
    (_, i) => clips[Math.floor(i / cells)]!,
  );
  return { shape: [clips.length, cells], data };
};

function feeds(step: number, share: number): Record<string, Feed> {
  const shape = clipShape(model, training.batch);
  const random = new Random('frames');
  const frames = Uint8Array.from({ length: sizeOf(shape) }, () => 64 + random.below(128));
  return {
    frames: { shape, data: frames },
    abnormal: labels(0, 0, 0, 1),
    normal: labels(1, 1, 1, 0),
    weights: flat(weights),
    firstMoment: flat(new Float32Array(size)),
    secondMoment: flat(new Float32Array(size)),
    averaged: flat(weights),
    errorScales: flat(Float32Array.of(0.1, 0.1)),
    schedule: flat(scheduleInput(training, step, share)),
  };
}

describe('a step of training', () => {
  it('clips the gradient, takes the step of AdamW, and averages the weights', async () => {
    const session = await Session.compile(stepGraph(model, training, specs).outputs);
    const input = feeds(1, 0.3);
    const out = await session.run(input);
    await session.release();
    const first = out['next.firstMoment']!.data;
    // The first moment is a tenth of the clipped gradient; the raw norm is above the bound here.
    expect(out.gradientNorm!.data[0]).toBeGreaterThan(training.clipNorm);
    let squares = 0;
    for (const m of first) squares += (m / (1 - BETA1)) ** 2;
    const clipped = Math.sqrt(squares);
    expect(clipped).toBeCloseTo(training.clipNorm, 4);

    const rate = input.schedule!.data[0]!;
    const averaging = input.schedule!.data[3]!;
    const decays = specs.flatMap(({ shape, decays: on }) => new Array(sizeOf(shape)).fill(on));
    for (let i = 0; i < size; i += 97) {
      const gradient = first[i]! / (1 - BETA1);
      const second = out['next.secondMoment']!.data[i]!;
      expect(second).toBeCloseTo((1 - BETA2) * gradient ** 2, 10);
      const direction = gradient / (Math.abs(gradient) + 1e-8);
      const decay = decays[i] ? training.weightDecay * weights[i]! : 0;
      const next = weights[i]! - rate * (direction + decay);
      expect(out['next.weights']!.data[i]).toBeCloseTo(next, 5);
      const average = averaging * weights[i]! + (1 - averaging) * out['next.weights']!.data[i]!;
      expect(out['next.averaged']!.data[i]).toBeCloseTo(average, 5);
    }
  });

  it('lowers the loss of the clips it saw', async () => {
    const session = await Session.compile(stepGraph(model, training, specs).outputs);
    let input = feeds(1, 0.1);
    const errors: number[] = [];
    for (let step = 1; step <= 12; step++) {
      const out = await session.run(input);
      errors.push(out.appearance!.data[0]!);
      const carried = ['weights', 'firstMoment', 'secondMoment', 'averaged'].map((name) => [
        name,
        out[`next.${name}`]!,
      ]);
      const schedule = flat(scheduleInput(training, step + 1, 0.1));
      input = { ...input, ...Object.fromEntries(carried), schedule };
    }
    await session.release();
    expect(errors.at(-1)).toBeLessThan(0.9 * errors[0]!);
  });
});
