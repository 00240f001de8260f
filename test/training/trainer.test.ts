import { expect, test } from 'vitest';
import type { Clip } from '../../src/datasets/clip.ts';
import { clipLength } from '../../src/model/configuration.ts';
import { presetConfiguration } from '../../src/model/presets.ts';
import type { Checkpoint } from '../../src/training/checkpoint.ts';
import { trainingConfiguration } from '../../src/training/configuration.ts';
import type { RunSettings } from '../../src/training/run-settings.ts';
import { runTraining } from '../../src/training/trainer.ts';

const size = { width: 32, height: 32 };
const model = { ...presetConfiguration('tiny', 'predict', size), pace: false };
const frames = clipLength(model) + 8;

/** Footage that changes from frame to frame. */
const clip: Clip = {
  name: 'clip',
  path: 'clip.mp4',
  frames,
  fps: 10,
  source: size,
  format: { ...size, channels: 1 },
  corrupt: [],
  read: async () => new Uint8Array(),
  readInto: async (place, start) =>
    place.forEach((_, i) => {
      place[i] = (start * 1024 + i) % 251;
    }),
  close: async () => undefined,
};
const footage = {
  clips: [clip],
  segments: [{ clip: 0, start: 0, end: frames }],
  tracked: { stretches: [], tracks: [] },
};
const settings: RunSettings = {
  preset: 'tiny',
  model,
  training: trainingConfiguration.parse({ batch: 4 }),
  length: { epochs: 3 },
  seed: 0,
  dataFingerprint: '',
};

/** What a run saves: after each epoch, and at its end. */
async function saved(resumed?: Checkpoint): Promise<Checkpoint[]> {
  const checkpoints: Checkpoint[] = [];
  await runTraining({
    settings,
    footage: { training: footage, heldOut: footage },
    device: 'cpu',
    resumed,
    signal: undefined,
    save: async (checkpoint) => void checkpoints.push(checkpoint),
    onProgress: undefined,
  });
  return checkpoints;
}

test('what was saved stays as it was while the run goes on, and any number of runs go on from it', async () => {
  const [first, ...later] = await saved();
  const before = structuredClone(first!.state);
  expect(before.weights.length).toBeGreaterThan(1000);
  const last = later.at(-1)!;
  expect(last.state.weights).not.toEqual(before.weights);
  for (let run = 0; run < 2; run++)
    expect((await saved(first)).at(-1)!.state.weights).toEqual(last.state.weights);
  expect(first!.state).toEqual(before);
});
