import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeVideo } from '../video/footage.ts';
import { listing, m2s2l } from './command-line.ts';
import { sharedFolder, size, swinging, writeDataset } from './footage.ts';

describe('training that is stopped', { timeout: 120_000 }, () => {
  const folder = sharedFolder(async (cwd) => {
    await writeDataset(cwd);
    await writeVideo(join(cwd, 'long.mp4'), size, swinging(600));
    const { code } = await run(cwd, 'whole');
    expect(code).toBe(0);
  });
  const words = (out: string) => [
    ...['train', 'data', '--out', out, '--preset', 'tiny', '--size', '32x32', '--epochs', '3'],
  ];
  const run = (cwd: string, out: string, kill?: (stderr: string) => NodeJS.Signals | undefined) =>
    m2s2l(words(out), { cwd, kill: async (stderr) => kill?.(stderr) });
  const weights = (out: string) => readFile(join(folder(), out, 'weights.safetensors'));
  const hasCheckpoint = (out: string) => existsSync(join(folder(), out, 'checkpoint.safetensors'));
  const resume = (out: string) => m2s2l([...words(out), '--resume'], { cwd: folder() });

  test('and one that is not give the same weights twice, bit for bit', async () => {
    expect((await run(folder(), 'again')).code).toBe(0);
    expect((await weights('again')).equals(await weights('whole'))).toBe(true);
  });

  test('by Ctrl-C says how to go on, and goes on to the same weights', async () => {
    const stopped = await run(folder(), 'stopped', (stderr) =>
      stderr.includes('training ') ? 'SIGINT' : undefined,
    );
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain(`m2s2l ${words('stopped').join(' ')} --resume`);
    expect(hasCheckpoint('stopped')).toBe(true);

    const refused = await run(folder(), 'stopped');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('add --resume to go on with it');

    const other = [...words('stopped'), '--resume', '--seed', '5'];
    const differing = await m2s2l(other, { cwd: folder() });
    expect(differing.code).toBe(2);
    expect(differing.stderr).toMatch(/the setting 'seed' differs/);

    expect((await resume('stopped')).code).toBe(0);
    expect((await weights('stopped')).equals(await weights('whole'))).toBe(true);
    expect(hasCheckpoint('stopped')).toBe(false);
  });

  test('by a kill goes on from its last checkpoint to the same weights', async () => {
    const killed = await m2s2l(words('killed'), {
      cwd: folder(),
      kill: async () => (hasCheckpoint('killed') ? 'SIGKILL' : undefined),
    });
    expect(killed.code).toBe(null);
    expect(await readdir(join(folder(), 'killed'))).not.toContain('model.json');
    expect((await resume('killed')).code).toBe(0);
    expect((await weights('killed')).equals(await weights('whole'))).toBe(true);
  });

  test('while it reads leaves nothing', async () => {
    const before = await listing(folder());
    const ended = await m2s2l(['train', 'long.mp4', '--out', 'new', '--preset', 'small'], {
      cwd: folder(),
      kill: async (stderr) => (stderr.includes('reading') ? 'SIGINT' : undefined),
    });
    expect(ended.code).toBe(130);
    expect(ended.stderr).not.toContain('--resume');
    expect(await listing(folder())).toEqual(before);
  });

  test('Ctrl-C while scoring leaves no half-written file', async () => {
    const before = await listing(folder());
    const files = ['--jsonl', 'new.jsonl', '--overlay', 'new.mp4'];
    const ended = await m2s2l(['score', 'whole', 'long.mp4', ...files], {
      cwd: folder(),
      kill: async (stderr) => (stderr.includes('scoring') ? 'SIGINT' : undefined),
    });
    expect(ended.code).toBe(130);
    expect(ended.stderr).not.toContain('    at ');
    expect(await listing(folder())).toEqual(before);
  });

  test('goes on with its log: every step once, as in a training that was not stopped', async () => {
    const logged = (out: string) => [...words(out), '--log', `${out}.jsonl`];
    const changed = [
      '--model',
      '{"temporal": {"strides": [1, 2]}}',
      '--training',
      '{"warmUp": 0.1}',
    ];
    const cwd = folder();
    expect((await m2s2l([...logged('plain'), ...changed], { cwd })).code).toBe(0);
    const stopped = await m2s2l([...logged('logged'), ...changed], {
      cwd,
      kill: async (stderr) => (stderr.includes('training ') ? 'SIGINT' : undefined),
    });
    expect(stopped.code).toBe(130);
    expect((await m2s2l([...logged('logged'), ...changed, '--resume'], { cwd })).code).toBe(0);
    const lines = async (out: string) =>
      (await readFile(join(cwd, `${out}.jsonl`), 'utf8'))
        .trimEnd()
        .split('\n')
        .map((line) => ({ ...JSON.parse(line), seconds: 0 }));
    const plain = await lines('plain');
    expect(await lines('logged')).toEqual(plain);
    const steps = plain.filter((line) => 'losses' in line);
    expect(steps.map(({ step }) => step)).toEqual(steps.map((_, i) => i + 1));
    expect(Object.keys(steps[0]!)).toEqual([
      'step',
      'seconds',
      'learningRate',
      'gradientNorm',
      'losses',
    ]);
    const validations = plain.filter((line) => 'validation' in line);
    expect(validations.length).toBeGreaterThan(0);
    expect(
      validations[0]!.inner.time.scales.map((scale: { stride: number }) => scale.stride),
    ).toEqual([1, 2]);
  });
});
