import { describe, expect, it } from 'vitest';
import { presetConfiguration } from '../../src/model/presets.ts';
import { trainingConfiguration } from '../../src/training/configuration.ts';
import { ErrorScales, reportedLoss } from '../../src/training/loss.ts';
import { scheduleInput } from '../../src/training/step-graph.ts';

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
    const terms = { appearance: 0.01, motion: 0.001, overlap: 2, compactness: 3, separation: 4 };
    const loss = reportedLoss(model, terms, training.losses);
    expect(loss).toBeCloseTo(Math.log(0.01) + Math.log(0.001) + 0.1 * 9, 2);
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
