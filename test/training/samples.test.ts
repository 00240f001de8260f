import { describe, expect, it } from 'vitest';
import type { Clip } from '../../src/datasets/clip.ts';
import { clipLength, clipOffsets } from '../../src/model/configuration.ts';
import { presetConfiguration } from '../../src/model/presets.ts';
import { readBatch, SampleOrder, samplesOf } from '../../src/training/samples.ts';

const model = presetConfiguration('tiny', 'predict', { width: 16, height: 16 });
const length = clipLength(model);

/** A clip whose frame `i` is all `i`. */
function countingClip(frames: number, corrupt: number[] = []): Clip {
  const size = 16 * 16;
  return {
    name: 'counting',
    path: 'counting',
    frames,
    fps: 10,
    source: { width: 16, height: 16 },
    format: model.input,
    corrupt,
    read: async (start, count) =>
      Uint8Array.from({ length: count * size }, (_, i) => start + Math.floor(i / size)),
    readInto: async (place, start) =>
      place.forEach((_, i) => {
        place[i] = start + Math.floor(i / size);
      }),
    close: async () => undefined,
  };
}

describe('samples', () => {
  it('are all windows within a segment, and none across its ends', () => {
    const samples = samplesOf([countingClip(60)], [{ clip: 0, start: 10, end: 40 }], model);
    expect(samples.map(({ end }) => end)).toEqual(
      Array.from({ length: 30 - length + 1 }, (_, i) => 10 + length - 1 + i),
    );
  });

  it('leave out every window that holds a corrupt frame', () => {
    const whole = samplesOf([countingClip(100)], [{ clip: 0, start: 0, end: 100 }], model);
    const segments = [{ clip: 0, start: 0, end: 100 }];
    const rest = samplesOf([countingClip(100, [50])], segments, model);
    expect(whole.length - rest.length).toBe(length);
    for (const { end } of rest) expect(end < 50 || end - length + 1 > 50).toBe(true);
  });

  it('at twice their pace go back twice as far', () => {
    const segments = [{ clip: 0, start: 10, end: 50 }];
    const samples = samplesOf([countingClip(60, [12])], segments, model, 2);
    const reach = 2 * (length - 1);
    // None within the segment may hold frame 12.
    expect(samples.map(({ end }) => end)).toEqual(
      Array.from({ length: 50 - (13 + reach) }, (_, i) => 13 + reach + i),
    );
    const short = [{ clip: 0, start: 0, end: reach }];
    expect(samplesOf([countingClip(reach)], short, model, 2)).toEqual([]);
    expect(samplesOf([countingClip(reach)], short, model)).not.toEqual([]);
  });

  it('become the frames that the model wants', async () => {
    const clip = countingClip(60);
    const { shape, data } = await readBatch(
      [
        { clip, end: 40, pace: 1 },
        { clip, end: 50, pace: 2 },
      ],
      model,
    );
    const offsets = clipOffsets(model);
    expect(shape).toEqual([2, offsets.length, 1, 16, 16]);
    offsets.forEach((offset, i) => {
      expect(data[i * 256]).toBe(40 - offset);
      expect(data[(offsets.length + i) * 256 + 255]).toBe(50 - 2 * offset);
    });
  });

  it('come once an epoch, in an order that depends on the seed and the epoch alone', () => {
    const samples = samplesOf([countingClip(50)], [{ clip: 0, start: 0, end: 50 }], model);
    const order = new SampleOrder(samples, 3, 7);
    const epoch = (of: SampleOrder, n: number) =>
      Array.from({ length: of.stepsPerEpoch }, (_, i) => of.of(n * of.stepsPerEpoch + i))
        .flat()
        .map(({ end }) => end);
    const first = epoch(order, 0);
    expect(new Set(first).size).toBe(first.length);
    expect(first.length).toBe(Math.floor(samples.length / 3) * 3);
    const second = epoch(order, 1);
    expect(second).not.toEqual(first);
    expect(epoch(new SampleOrder(samples, 3, 7), 1)).toEqual(second);
    expect(epoch(new SampleOrder(samples, 3, 8), 0)).not.toEqual(first);
  });

  it('fill a batch that is larger than an epoch', () => {
    const samples = samplesOf([countingClip(length)], [{ clip: 0, start: 0, end: length }], model);
    expect(new SampleOrder(samples, 4, 0).of(5)).toHaveLength(4);
  });
});
