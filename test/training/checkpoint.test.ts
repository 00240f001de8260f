import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { presetConfiguration } from '../../src/model/presets.ts';
import {
  CHECKPOINT_FILE,
  type Checkpoint,
  readCheckpoint,
  writeCheckpoint,
} from '../../src/training/checkpoint.ts';
import { trainingConfiguration } from '../../src/training/configuration.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'm2s2l-checkpoint-'));
});
afterEach(() => rm(folder, { recursive: true }));

const checkpoint: Checkpoint = {
  settings: {
    preset: 'tiny',
    model: presetConfiguration('tiny'),
    training: trainingConfiguration.parse({}),
    length: { epochs: 3 },
    seed: 5,
    dataFingerprint: 'abc',
  },
  step: 17,
  seconds: 3.25,
  errorScales: { averages: [0.1, 1 / 3], weight: 0.7 },
  history: [{ step: 17, samples: 68, seconds: 3, training: { loss: 1 }, validation: null }],
  state: {
    weights: Float32Array.of(1, 2, 3),
    firstMoment: Float32Array.of(0.1, 0.2, 0.3),
    secondMoment: Float32Array.of(1e-30, 0, 2),
    averaged: Float32Array.of(4, 5, 6),
  },
};

describe('a checkpoint', () => {
  it('comes back as it was written, to the bit', async () => {
    await writeCheckpoint(folder, checkpoint);
    expect(await readCheckpoint(folder)).toEqual(checkpoint);
    expect(await readdir(folder)).toEqual([CHECKPOINT_FILE]);
  });

  it('is told to be missing, cut short, or of another kind', async () => {
    await expect(readCheckpoint(folder)).rejects.toThrow(/no unfinished training to resume/);
    await writeCheckpoint(folder, checkpoint);
    const path = join(folder, CHECKPOINT_FILE);
    await truncate(path, (await stat(path)).size - 4);
    await expect(readCheckpoint(folder)).rejects.toThrow(UserError);
    await writeFile(path, Buffer.from([2, 0, 0, 0, 0, 0, 0, 0, 123, 125]));
    await expect(readCheckpoint(folder)).rejects.toThrow(/not a checkpoint of this version/);
  });
});
