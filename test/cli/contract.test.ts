import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openVideo } from '../../src/video/open.ts';
import { collect } from '../video/footage.ts';
import { m2s2l, readJson } from './command-line.ts';
import { quickTraining, sharedFolder, size, testing, writeDataset } from './footage.ts';

type Json = Readonly<Record<string, unknown>>;

describe('the command line', { timeout: 60_000 }, () => {
  const folder = sharedFolder(async (cwd) => {
    await writeDataset(cwd);
    const { code, stdout, stderr } = await m2s2l(
      ['train', 'data', '--out', 'model', '--seed', '7', '--batch', '8', ...quickTraining],
      { cwd },
    );
    expect(stderr).toContain('m2s2l eval model data');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const model = await readJson(join(cwd, 'model', 'model.json'));
    expect(model).toMatchObject({ training: { settings: { batch: 8 } } });
  });
  const run = (...words: string[]) => m2s2l(words, { cwd: folder() });

  test('eval --json prints the figures alone, and --report writes one page', async () => {
    const { code, stdout } = await run('eval', 'model', 'data', '--json', '--report', 'report');
    expect(code).toBe(0);
    const figures = JSON.parse(stdout) as Json;
    expect(Object.keys(figures)).toEqual([
      'dataset',
      'frames',
      'anomalousFrames',
      'seed',
      'labelSource',
      'protocols',
      'localisation',
      'operations',
      'framesPerSecond',
    ]);
    expect(figures).toMatchObject({
      dataset: 'data',
      frames: testing.frames,
      anomalousFrames: testing.to - testing.from,
      seed: 7,
      labelSource: 'invented',
      operations: { events: 1 },
    });
    const protocols = figures.protocols as Readonly<Record<string, Json>>;
    expect(Object.keys(protocols)).toEqual(['live', 'paper', 'raw']);
    for (const protocol of Object.values(protocols)) {
      expect(Object.keys(protocol)).toEqual(['microAuc', 'macroAuc', 'averagePrecision', 'eer']);
      for (const value of Object.values(protocol)) expect(value).toBeTypeOf('number');
    }
    expect(Object.keys(figures.localisation as Json)).toEqual(['pixelAuc', 'rbdc', 'tbdc']);
    expect((figures.localisation as Json).pixelAuc).toBeTypeOf('number');
    expect(Object.keys(figures.operations as Json)).toEqual([
      'threshold',
      'alarmsPerHour',
      'eventsFound',
      'events',
      'medianDelayFrames',
      'keptBudgets',
    ]);
    const page = await readFile(join(folder(), 'report', 'index.html'), 'utf8');
    expect(page).toContain('held out');
    expect(page).toContain('data:image/');
  });

  test('eval prints the three protocols, the seed, the labels and the kernel', async () => {
    const { code, stdout } = await run('eval', 'model', 'data');
    expect(code).toBe(0);
    for (const text of [/^live +0\.\d{4}/m, /^paper +[01]\./m, /^raw +[01]\./m, /^RBDC +[01]/m])
      expect(stdout).toMatch(text);
    for (const text of ['seed 7', 'labels: invented', 'sigma 10 over 81 frames'])
      expect(stdout).toContain(text);
  });

  test('score prints one JSON line a frame', async () => {
    const { code, stdout } = await run('score', 'model', 'data/testing/videos/01.mp4');
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBe(testing.frames);
    for (const [frame, line] of lines.entries()) {
      const scored = JSON.parse(line) as Json;
      expect(Object.keys(scored).join()).toBe('frame,time,score,appearance,motion,alarm,regions');
      expect(scored.frame).toBe(frame);
      expect(scored.time).toBeCloseTo(frame / size.fps, 4);
      for (const region of scored.regions as Json[])
        expect(Object.keys(region).join()).toBe('x,y,width,height,score');
    }
    expect(lines.some((line) => !line.includes('"regions":[]'))).toBe(true);
  });

  test('score writes the lines into a file and draws a video of as many frames', async () => {
    const { code, stdout } = await run(
      ...['score', 'model', 'data/testing/videos/01.mp4'],
      ...['--jsonl', 'scores.jsonl', '--overlay', 'scored.mp4'],
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const lines = await readFile(join(folder(), 'scores.jsonl'), 'utf8');
    expect(lines.trimEnd().split('\n').length).toBe(testing.frames);
    const drawn = await openVideo(join(folder(), 'scored.mp4'), { ...size, channels: 1 });
    expect(drawn.source.width).toBeGreaterThanOrEqual(480);
    expect((await collect(drawn)).length).toBe(testing.frames);
  });

  test('a reader that leaves ends score quietly', async () => {
    const program = join(import.meta.dirname, '..', '..', 'bin', 'm2s2l.js');
    const line = `"${process.execPath}" "${program}" score model data/testing/videos/01.mp4 | head -n 1`;
    const { stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: folder(), encoding: 'utf8' });
    expect(stdout.split('\n').length).toBe(2);
    expect(stderr).not.toMatch(/EPIPE|fault|at /);
  });

  test('info --json prints the cost of a model and of a preset', async () => {
    for (const words of [['model'], ['--preset', 'tiny']]) {
      const { code, stdout } = await run('info', ...words, '--json');
      expect(code).toBe(0);
      const cost = JSON.parse(stdout) as Json;
      expect(Object.keys(cost)).toEqual(['parameters', 'flops', 'streamingFlops', 'modules']);
      for (const module of cost.modules as Json[])
        expect(Object.keys(module)).toEqual(['name', 'parameters', 'flops']);
    }
  });

  test('info says how operations are counted, and where a model comes from', async () => {
    const { stdout } = await run('info', 'model');
    for (const text of ['a multiply-add', '5 T heads N P', 'seed       7', 'sha256'])
      expect(stdout).toContain(text);
  });

  test('export writes a folder that says what is in it, and nothing to stdout', async () => {
    const { code, stdout, stderr } = await run('export', 'model', 'onnx');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^written: onnx.stream\.onnx, onnx.clip\.onnx, onnx.export\.json\n$/);
    const description = await readJson<Json>(join(folder(), 'onnx/export.json'));
    expect(Object.keys(description)).toEqual([
      'format',
      'producer',
      'model',
      'frame',
      'clipOffsets',
      'warmUpFrames',
      'cells',
      'scoring',
      'statistics',
      'threshold',
      'clip',
      'stream',
    ]);
  });

  test('quantise writes a model folder that scores and says what to do next', async () => {
    const { code, stdout, stderr } = await run('quantise', 'model', 'data', 'int8');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    for (const text of ['measuring', 'calibrating', '8 convolutions in int8', 'eval int8 data'])
      expect(stderr).toContain(text);
    expect((await readdir(join(folder(), 'int8'))).sort()).toEqual([
      'model.json',
      'weights.safetensors',
    ]);
    const scored = await run('score', 'int8', 'data/testing/videos/01.mp4');
    expect(scored.code).toBe(0);
    expect(scored.stdout.trimEnd().split('\n').length).toBe(testing.frames);
    const told = await run('info', 'int8');
    expect(told.stdout).toContain('int8       8 convolutions');
  });

  test('bench infer --int8 says so', async () => {
    const words = ['bench', 'infer', '--preset', 'tiny', '--frames', '20', '--int8', '--json'];
    const { code, stdout } = await run(...words);
    expect(code).toBe(0);
    const figures = JSON.parse(stdout) as Json;
    expect(Object.keys(figures).slice(0, 3)).toEqual(['preset', 'int8', 'framesPerSecond']);
    expect(figures).toMatchObject({ preset: 'tiny', int8: true });
  });

  test.each([
    [
      'train',
      ['--steps', '2'],
      'samplesPerSecond,flopsPerSecond,matmulFlopsPerSecond,ratio,dataWaitShare,peakMemoryBytes',
    ],
    [
      'infer',
      ['--frames', '20'],
      'framesPerSecond,modelFramesPerSecond,medianMs,p99Ms,flopsPerSecond,matmulFlopsPerSecond,ratio,' +
        'cameras,stateBytes,peakMemoryBytes,firstScoreMs',
    ],
  ])('bench %s --json prints its figures', async (what, options, keys) => {
    const { code, stdout } = await run('bench', what, '--preset', 'tiny', '--json', ...options);
    expect(code).toBe(0);
    const figures = JSON.parse(stdout) as Json;
    expect(Object.keys(figures).join()).toBe(`preset,${keys}`);
    const { preset, dataWaitShare, cameras, ...rest } = figures;
    expect(preset).toBe('tiny');
    if (what === 'infer')
      expect(cameras).toEqual(
        [1, 4, 16].map((count) => ({ cameras: count, framesPerSecond: expect.any(Number) })),
      );
    for (const value of Object.values(rest)) expect(value).toBeGreaterThan(0);
    if (what === 'train') expect(dataWaitShare).toBeGreaterThanOrEqual(0);
  });
});
