import { existsSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { openClips } from '../../src/datasets/cache.ts';
import { clipFrames } from '../../src/datasets/clip-frames.ts';
import { readDataset } from '../../src/datasets/layout.ts';
import { Detector } from '../../src/detector/detector.ts';
import type { StreamFrame } from '../../src/detector/stream.ts';
import { clipLength, type ModelConfiguration } from '../../src/model/configuration.ts';
import { presetConfiguration } from '../../src/model/presets.ts';
import { Random } from '../../src/nn/random.ts';
import { type CellErrors, errorKinds } from '../../src/scoring/blocks.ts';
import { calibrate } from '../../src/scoring/calibration.ts';
import { scoreClip } from '../../src/scoring/score.ts';
import { relativeError } from '../graph/evaluate.ts';
import { ABLATIONS, WHOLE } from '../model/small-models.ts';
import { testData } from '../test-data.ts';
import { clipErrors, livelyWeights } from './clip-errors.ts';
import { footage, gather, inOrder } from './footage.ts';

// Seconds where nothing else runs; the machine may be busy.
vi.setConfig({ testTimeout: 120_000 });

type Errors = readonly (CellErrors | undefined)[];

async function streamed(
  c: ModelConfiguration,
  frames: AsyncIterable<Uint8Array>,
  batch: number,
): Promise<(CellErrors | undefined)[]> {
  const detector = await Detector.create(c, livelyWeights(c), { batch });
  try {
    return await gather(detector.errors(frames));
  } finally {
    await detector.release();
  }
}

/** Where there are errors, and the largest relative difference of one. */
function compare(actual: Errors, expected: Errors): number {
  expect(actual.map((errors) => errors !== undefined)).toEqual(
    expected.map((errors) => errors !== undefined),
  );
  let worst = 0;
  for (const [i, errors] of expected.entries())
    for (const kind of errorKinds) {
      const map = actual[i]?.[kind];
      expect(map === undefined).toBe(errors?.[kind] === undefined);
      if (map) worst = Math.max(worst, relativeError(map, errors![kind]!));
    }
  return worst;
}

describe('a stream has the errors of the clip graph at every frame', () => {
  test.each(Object.entries(ABLATIONS))('%s', async (_, c) => {
    const frames = footage(c, clipLength(c) + 7, 'one');
    const expected = await clipErrors(c, livelyWeights(c), frames);
    expect(expected.filter((errors) => errors).length).toBe(8);
    for (const batch of [1, 5])
      expect(compare(await streamed(c, inOrder(frames), batch), expected)).toBeLessThan(1e-4);
  });
});

describe.each([
  ['predict', WHOLE],
  ['reconstruct', ABLATIONS.reconstruct!],
] as const)('%s', (_, c) => {
  test('streams that go on unevenly together do not touch each other', async () => {
    const length = clipLength(c);
    const cameras = [length + 30, length + 4, length - 1, length].map((count, i) =>
      footage(c, count, `camera ${i}`),
    );
    const detector = await Detector.create(c, livelyWeights(c), { batch: 6 });
    const streams = cameras.map(() => detector.open());
    const found = cameras.map((): (CellErrors | undefined)[] => []);
    const random = new Random('order');
    for (;;) {
      // Some frames of some cameras, several of one camera among them.
      const taken = found.map((errors) => errors.length);
      const sources: number[] = [];
      const frames: StreamFrame[] = [];
      for (let draw = random.below(9); draw >= 0; draw--) {
        const camera = random.below(cameras.length);
        const frame = cameras[camera]![taken[camera]!];
        if (!frame) continue;
        taken[camera]! += 1;
        sources.push(camera);
        frames.push({ stream: streams[camera]!, frame });
      }
      const results = await detector.step(frames);
      expect(results.length).toBe(frames.length);
      results.forEach((errors, i) => {
        found[sources[i]!]!.push(errors);
      });
      if (found.every((errors, camera) => errors.length === cameras[camera]!.length)) break;
    }
    await detector.release();
    for (const [camera, frames] of cameras.entries()) {
      const expected = await clipErrors(c, livelyWeights(c), frames);
      expect(compare(found[camera]!, expected)).toBeLessThan(1e-4);
    }
  });

  test('the position in the stream is of no account', async () => {
    const frames = footage(c, 3 * clipLength(c), 'long');
    const late = frames.slice(2 * clipLength(c) - 5);
    const all = await streamed(c, inOrder(frames), 1);
    const part = await streamed(c, inOrder(late), 1);
    const start = clipLength(c) - 1;
    expect(part.slice(0, start)).toEqual(part.slice(0, start).map(() => undefined));
    expect(compare(part.slice(start), all.slice(-late.length).slice(start))).toBeLessThan(1e-4);
  });
});

test('streams that are read at the same time wait for each other', async () => {
  const detector = await Detector.create(WHOLE, livelyWeights(WHOLE), { batch: 2 });
  const cameras = ['a', 'b', 'c'].map((seed) => footage(WHOLE, clipLength(WHOLE) + 3, seed));
  const found = await Promise.all(
    cameras.map((frames) => gather(detector.errors(inOrder(frames)))),
  );
  await detector.release();
  for (const [camera, frames] of cameras.entries())
    expect(
      compare(found[camera]!, await clipErrors(WHOLE, livelyWeights(WHOLE), frames)),
    ).toBeLessThan(1e-4);
});

test('a stream never grows, and a frame of another size is refused', async () => {
  const detector = await Detector.create(WHOLE, livelyWeights(WHOLE));
  const stream = detector.open();
  const { bytes } = stream;
  // Six frames of 32x32 bytes; 3, 5 and 9 differences of 16 cells with 8 features of 4 bytes.
  expect(bytes).toBe(6 * 32 * 32 + (3 + 5 + 9) * 16 * 8 * 4);
  for (const frame of footage(WHOLE, 40, 'many')) await detector.step([{ stream, frame }]);
  expect(stream.bytes).toBe(bytes);
  const step = detector.step([{ stream, frame: new Uint8Array(5) }]);
  await expect(step).rejects.toThrow(RangeError);
  await detector.release();
});

const ped2 = testData('data/ped2');

test.skipIf(!existsSync(ped2))(
  "errors and scores equal the clip graph's on Ped2's testing clips (needs data/ped2 of M2S2L_TEST_DATA)",
  async () => {
    const c = presetConfiguration('tiny', 'predict', { width: 48, height: 32 });
    const { testing } = await readDataset(ped2);
    const clips = await openClips(testing, c.input);
    const detector = await Detector.create(c, livelyWeights(c));
    for (const clip of clips) {
      const frames = await gather(clipFrames(clip));
      const expected = await clipErrors(c, livelyWeights(c), frames);
      const actual = await gather(detector.errors(clipFrames(clip)));
      expect(compare(actual, expected), clip.name).toBeLessThan(1e-4);
      const held = { errors: expected.filter((errors) => errors !== undefined), fps: clip.fps };
      const { statistics, scoring } = calibrate([held]);
      const scores = scoreClip(actual, statistics, scoring);
      scoreClip(expected, statistics, scoring).forEach(({ score, heatmap }, frame) => {
        expect(Math.abs(scores[frame]!.score - score), clip.name).toBeLessThan(1e-4);
        expect(relativeError(scores[frame]!.heatmap, heatmap, 1), clip.name).toBeLessThan(1e-4);
      });
    }
    await detector.release();
    await Promise.all(clips.map((clip) => clip.close()));
  },
);
