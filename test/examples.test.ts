import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { sharedFolder, writeDataset } from './cli/footage.ts';

const root = join(import.meta.dirname, '..');

/** They are run in their order: each uses what the one before made. */
describe('the example', { timeout: 120_000 }, () => {
  const folder = sharedFolder(async (cwd) => {
    await mkdir(join(cwd, '.cache'));
    await writeDataset(cwd);
  });
  beforeAll(() => {
    // The examples import the package as its users do.
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')]);
  }, 60_000);

  const run = (name: string, ...words: string[]) =>
    spawnSync(process.execPath, [join(root, 'examples', `${name}.ts`), ...words], {
      cwd: folder(),
      env: { ...process.env, M2S2L_CACHE: join(folder(), '.cache') },
      encoding: 'utf8',
    });

  test('train makes a model', () => {
    const { status, stdout } = run('train', 'data', 'model', '0.01');
    expect(stdout).toMatch(/^\d+ steps; threshold [-\d.]+$/m);
    expect(status).toBe(0);
    expect(existsSync(join(folder(), 'model/model.json'))).toBe(true);
  });

  test('load says what it is, and what is wrong in one line', () => {
    expect(run('load', 'model').stdout).toContain('model: tiny, ');
    const { status, stderr } = run('load', 'nowhere');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^nowhere: does not exist; .*upcam-tiny\)\n$/);
  });

  test('evaluate prints the protocols and writes a report', () => {
    const { status, stdout } = run('evaluate', 'model', 'data', 'report');
    expect(stdout).toMatch(/^live: micro AUC [01]\.\d{3}, EER [01]\.\d{3}$/m);
    expect(status).toBe(0);
    expect(existsSync(join(folder(), 'report/index.html'))).toBe(true);
  });

  test('score goes through a video', () => {
    const { status, stdout } = run('score', 'model', 'data/testing/videos/01.mp4');
    expect(stdout).toContain('50 frames scored');
    expect(status).toBe(0);
  });

  test('live scores two cameras as their frames come', () => {
    const { status, stdout } = run('live', 'model', 'data/testing/videos/01.mp4', '5');
    expect(stdout).toMatch(/^door: 50 frames, \d+ dropped$/m);
    expect(stdout).toMatch(/^yard: 50 frames, \d+ dropped$/m);
    expect(status).toBe(0);
  });
});
