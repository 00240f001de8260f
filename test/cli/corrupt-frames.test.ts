import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { corruptNote } from '../../src/cli/text.ts';
import { jpeg, writeAvi } from '../video/footage.ts';
import { m2s2l, readJson } from './command-line.ts';
import { quickTraining, sharedFolder, size, swinging } from './footage.ts';

describe('frames that cannot be decoded', { timeout: 60_000 }, () => {
  const frames = 160;
  const folder = sharedFolder(async (cwd) => {
    await mkdir(join(cwd, 'data/training/videos'), { recursive: true });
    await mkdir(join(cwd, 'data/testing/videos'), { recursive: true });
    const pictures = await Promise.all(swinging(frames).map((picture) => jpeg(size, picture)));
    pictures[17] = Buffer.from('this is no picture');
    for (const part of ['training', 'testing'])
      await writeAvi(join(cwd, 'data', part, 'videos/03.avi'), size, pictures);
  });
  const run = (...words: string[]) => m2s2l(words, { cwd: folder() });

  test('are named, counted and skipped in training; in scoring the one before stands in', async () => {
    const trained = await run('train', 'data', '--out', 'model', ...quickTraining);
    expect(trained.stderr).toContain('clip 03: frame 17 cannot be decoded, skipped\n');
    expect(trained.code).toBe(0);
    const { provenance } = await readJson<{ provenance: object }>(
      join(folder(), 'model/model.json'),
    );
    expect(provenance).toMatchObject({ corruptFrames: 1 });

    const scored = await run('score', 'model', 'data/testing/videos/03.avi');
    expect(scored.code).toBe(0);
    expect(scored.stdout.trimEnd().split('\n').length).toBe(frames);
    expect(scored.stderr).toMatch(/03.avi: frame 17 cannot be decoded, the frame before stands in/);

    const evaluated = await run('eval', 'model', 'data', '--json');
    expect(evaluated.code).toBe(0);
    expect(evaluated.stderr).toMatch(/clip 03: frame 17 cannot .*, the frame before stands in/);
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ frames, anomalousFrames: null });
  });

  test('of a long list only the first are named', () => {
    const note = corruptNote('a', [1, 2, 3, 4, 5, 6, 70], 'skipped');
    expect(note).toBe('clip a: 7 frames (1, 2, 3, 4, 5 and 2 more) cannot be decoded, skipped');
  });
});
