import { expect, test } from 'vitest';
import { Graph } from '../../src/graph/index.ts';
import { clipOffsets } from '../../src/model/configuration.ts';
import { clipInput, clipShape, scaled } from '../../src/model/input.ts';
import { presetConfiguration } from '../../src/model/presets.ts';
import { evaluate } from '../graph/evaluate.ts';

test('the frames of a clip come in as bytes and are scaled to [-1, 1]', async () => {
  const c = presetConfiguration('tiny', 'predict', { width: 16, height: 16 });
  const shape = clipShape(c, 2);
  expect(shape).toEqual([2, clipOffsets(c).length, 1, 16, 16]);
  const data = new Uint8Array(shape.reduce((a, b) => a * b)).map((_, i) => i % 256);
  const numbers = scaled(clipInput(new Graph(), c, 2));
  const out = await evaluate({ numbers }, { frames: { shape, data } });
  expect(out.numbers!.shape).toEqual(shape);
  for (let byte = 0; byte < 256; byte++)
    expect(out.numbers!.data[byte]).toBeCloseTo(byte / 127.5 - 1, 6);
});
