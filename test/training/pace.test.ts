import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Detector } from '../../src/detector/detector.ts';
import type { TrainedModel } from '../../src/detector/model-file.ts';
import { trainingConfiguration } from '../../src/training/configuration.ts';
import { type TrainOptions, train } from '../../src/training/train.ts';
import { Interrupted } from '../../src/training/trainer.ts';
import { gather, inOrder } from '../detector/footage.ts';
import { temporaryFolders } from '../files/temporary-folder.ts';
import { ABLATIONS } from '../model/small-models.ts';
import { writeVideo } from '../video/footage.ts';

const temporaryFolder = temporaryFolders();

const size = { width: 64, height: 64, fps: 10 };

/** Gray pictures of a square that goes through, `speed` pixels a frame, at a height of its own. */
function passing(frames: number, speed: number, top: number, side = 8): Uint8Array[] {
  const { width, height } = size;
  return Array.from({ length: frames }, (_, frame) => {
    const data = new Uint8Array(width * height).fill(90);
    for (let y = top; y < top + side; y++)
      for (let x = 0; x < side; x++) data[y * width + ((x + frame * speed) % width)] = 220;
    return data;
  });
}

/** RGB of gray. */
const coloured = (gray: Uint8Array) =>
  Uint8Array.from({ length: 3 * gray.length }, (_, i) => gray[Math.floor(i / 3)]!);

/** Nothing but the pace and one decoder: three frames for a score, five at twice the pace. */
const MODEL = {
  ...ABLATIONS['everything off']!,
  input: { width: 64, height: 64, channels: 1 },
  pace: true,
} as const;

/** What is needed to train the smallest model on some videos. */
async function quickest(
  videos: readonly (readonly Uint8Array[])[],
  options: Partial<TrainOptions> = {},
): Promise<TrainOptions> {
  const folder = await temporaryFolder();
  process.env.M2S2L_CACHE = join(folder, '.cache');
  const data = join(folder, 'data');
  await mkdir(join(data, 'training/videos'), { recursive: true });
  for (const [i, pictures] of videos.entries())
    await writeVideo(join(data, `training/videos/${i}.mp4`), size, pictures.map(coloured));
  return {
    data,
    out: join(folder, 'model'),
    preset: 'tiny',
    model: MODEL,
    length: { epochs: 3 },
    ...options,
    training: { batch: 4, ...options.training },
  };
}

/** The same training, stopped after its first step and resumed. */
async function inTwoParts(options: TrainOptions): Promise<TrainedModel> {
  const same = { ...options, out: `${options.out}-stopped` };
  const stop = new AbortController();
  const stopped = train({ ...same, signal: stop.signal, onTraining: () => stop.abort() });
  await expect(stopped).rejects.toThrow(Interrupted);
  return train({ ...same, resume: true });
}

/** Squares too large to be taken for a person, and smaller ones. */
const large = [passing(30, 1, 4, 16), passing(30, 1, 24, 16)];
const small = [passing(60, 1, 4, 3), passing(60, 1, 16, 3)];
const { losses } = trainingConfiguration.parse({});

describe('the pace head', () => {
  test.each([
    ['footage at twice its speed alone', large],
    ['synthetic anomalies as well', small],
  ])('is trained on %s, and the same by a resumed run', async (...given) => {
    const [, videos] = given;
    const options = await quickest(videos);
    const { description, weights } = await train(options);
    expect(description.configuration.pace).toBe(true);
    expect(description.statistics.pace!.blocks.length).toBe(2);
    const { training, validation } = description.training.history.at(-1)!;
    for (const terms of [training, validation!]) expect(terms.pace).toBeGreaterThan(0);
    expect((await inTwoParts(options)).weights).toEqual(weights);
  });

  test('depends on the kinds of synthetic anomalies, but only where there are tracks', async () => {
    const taught = (videos: readonly (readonly Uint8Array[])[]) =>
      Promise.all(
        (['fast', 'gliding'] as const).map(async (kind) => {
          const { weights } = await train(await quickest(videos, { training: { taught: [kind] } }));
          return weights;
        }),
      );
    const [fast, gliding] = await taught(small);
    expect(fast).not.toEqual(gliding);
    const [none, neither] = await taught(large);
    expect(none).toEqual(neither);
  });

  test.each<[string, Uint8Array[][], Partial<TrainOptions>]>([
    ['footage is too short for it', [0, 8, 16, 24].map((top) => passing(4, 1, top)), {}],
    ['the batch has no clip left for it', small, { training: { batch: 3, judged: 0.25 } }],
    ['its share of the batch is 0', small, { training: { judged: 0 } }],
    ['its loss has no weight', small, { training: { losses: { ...losses, pace: 0 } } }],
  ])('is switched off where %s, also in a resumed run', async (...given) => {
    const [, videos, changes] = given;
    const options = await quickest(videos, changes);
    const { description, weights } = await train(options);
    expect(description.configuration).toEqual({ ...MODEL, pace: false });
    expect(description.statistics.pace).toBeUndefined();
    expect(description.training.history.at(-1)!.training).not.toHaveProperty('pace');
    const resumed = await inTwoParts(options);
    expect(resumed.description.configuration).toEqual(description.configuration);
    expect(resumed.weights).toEqual(weights);
  });

  test('is surprised by twice the speed seen in training', async () => {
    const videos = [0, 6, 12, 18, 24].map((top) => passing(60, 1, top));
    const training = { batch: 8, learningRate: 3e-3 };
    const { description, weights } = await train(
      await quickest(videos, { length: { epochs: 10 }, training }),
    );
    const detector = await Detector.create(description.configuration, weights);
    const surprise = async (speed: number, top: number) => {
      const found = await gather(detector.errors(inOrder(passing(30, speed, top))));
      const peaks = found.flatMap((errors) => (errors ? Math.max(...errors.pace!) : []));
      return peaks.reduce((a, b) => a + b) / peaks.length;
    };
    // At heights that it did not see.
    for (const top of [3, 9, 15])
      expect(await surprise(2, top)).toBeGreaterThan(2 * (await surprise(1, top)));
    await detector.release();
  });
});
