import { expect, test } from 'vitest';
import { clipShape } from '../../src/model/input.ts';
import { Session } from '../../src/runtime/session.ts';
import { evaluate, relativeError } from '../graph/evaluate.ts';
import { clipModel, randomClip, WHOLE } from './small-models.ts';

test('clips that are not decoded have their pace judged, and change nothing of the others', async () => {
  const frames = randomClip(WHOLE, 'three', 3);
  const size = frames.data.length / 3;
  const some = (from: number, to: number) => ({
    frames: {
      shape: [to - from, ...frames.shape.slice(1)],
      data: frames.data.slice(from * size, to * size),
    },
  });
  const all = await evaluate(clipModel(WHOLE, 3, 2), { frames });
  const decoded = await evaluate(clipModel(WHOLE, 2), some(0, 2));
  const last = await evaluate(clipModel(WHOLE), some(2, 3));
  expect(Object.keys(all)).toEqual(Object.keys(decoded));
  for (const [name, { shape, data }] of Object.entries(decoded)) {
    const { shape: allShape, data: allData } = all[name]!;
    const ofAll = ['pace.', 'spatial.', 'temporal.'].some((part) => name.startsWith(part));
    if (!ofAll) expect(allShape, name).toEqual(shape);
    expect(relativeError(allData.slice(0, data.length), data), name).toBeLessThan(1e-5);
  }
  for (const name of ['pace.logit', 'pace.movement']) {
    const { shape, data } = all[name]!;
    const cells = shape[1]!;
    expect(shape).toEqual([3, cells]);
    expect(relativeError(data.slice(2 * cells), last[name]!.data)).toBeLessThan(1e-5);
  }
});

test('movement is none where nothing changes, and a half where pixels change by 2 % of their range', async () => {
  const shape = clipShape(WHOLE, 1);
  const { width, height } = WHOLE.input;
  const offsets = shape[1]!;
  const session = await Session.compile(clipModel(WHOLE));
  const movementOf = async (change: number) => {
    // The left half changes from frame to frame, up and down.
    const data = Float32Array.from({ length: offsets * width * height }, (_, i) =>
      i % width < width / 2 && Math.floor(i / (width * height)) % 2 === 0 ? change : 0,
    );
    const { 'pace.movement': movement } = await session.run({ frames: { shape, data } });
    return [...movement!.data];
  };
  const columns = width / 8;
  expect(new Set(await movementOf(0))).toEqual(new Set([0]));
  for (const [change, expected] of [
    [0.04, 0.5],
    [0.4, 100 / 101],
  ] as const)
    for (const [cell, movement] of (await movementOf(change)).entries())
      expect(movement).toBeCloseTo(cell % columns < columns / 2 ? expected : 0, 5);
  await session.release();
});
