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
      'warmUp',
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
    expect(Object.keys(protocols)).toEqual(['live', 'raw', 'paper', 'paperPace', 'paperWholeSet']);
    const { liveWithout } = figures.warmUp as Readonly<Record<string, Json>>;
    for (const protocol of [...Object.values(protocols), liveWithout!]) {
      expect(Object.keys(protocol)).toEqual(['microAuc', 'macroAuc', 'averagePrecision', 'eer']);
      for (const value of Object.values(protocol)) expect(value).toBeTypeOf('number');
    }
    expect(Object.keys(figures.localisation as Json)).toEqual(['pixelAuc', 'rbdc', 'tbdc']);
    expect((figures.localisation as Json).pixelAuc).toBeTypeOf('number');
    expect(Object.keys(figures.operations as Json)).toEqual([
      'threshold',
      'alarmsPerHour',
      'falseAlarms',
      'normalHours',
      'alarmsPerHourBound',
      'eventsFound',
      'events',
      'medianDelayFrames',
      'keptBudgets',
    ]);
    const page = await readFile(join(folder(), 'report', 'index.html'), 'utf8');
    expect(page).toContain('held out');
    expect(page).toContain('data:image/');
  });

  test('eval prints all protocols, the seed, the labels and the kernel', async () => {
    const { code, stdout } = await run('eval', 'model', 'data');
    expect(code).toBe(0);
    for (const text of [
      /^live +0\.\d{4}/m,
      /^live, without warm-up +[01]\./m,
      /^raw +[01]\./m,
      /^paper +[01]\./m,
      /^paper\+pace +([01]\.|–)/m,
      /^paper, whole set +[01]\./m,
      /^RBDC +[01]/m,
      /false alarms .* an hour: \d+ in \d+ s of normal frames; at most [\d.,]+ an hour/m,
    ])
      expect(stdout).toMatch(text);
    for (const text of ['seed 7', 'labels: invented', 'sigma 10 over 81 frames'])
      expect(stdout).toContain(text);
  });

  test('inspect --json prints the figures of what was held out, and --report writes one page', async () => {
    const words = ['inspect', 'model', 'data', '--frames', '5', '--json', '--report', 'inside'];
    const { code, stdout, stderr } = await run(...words);
    expect(code).toBe(0);
    const { frames, dataset, heldOut, ...figures } = JSON.parse(stdout) as Json;
    expect({ frames, dataset, heldOut }).toEqual({ frames: 5, dataset: 'data', heldOut: true });
    expect(Object.keys(figures)).toEqual(['time', 'granularity', 'parts', 'memories', 'score']);
    expect(Object.keys(figures.parts as Json)).toEqual([
      'overlapAtStart',
      'overlap',
      'cka',
      'ablation',
    ]);
    expect(stderr).toMatch(/inspecting +100 %/);
    const page = await readFile(join(folder(), 'inside', 'index.html'), 'utf8');
    for (const title of ['Leading time scale', 'Part: motion', 'Memory: common', 'Frame, drawn'])
      expect(page).toContain(title);
    const text = page.replaceAll(/data:[^"]*/g, '');
    expect(text).not.toMatch(/https?:|<script|NaN|undefined/);
  });

  test('inspect takes other footage as a whole, and says so', async () => {
    const { code, stdout } = await run(
      'inspect',
      'model',
      'data/testing/videos/01.mp4',
      '--frames',
      '3',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^model on 3 frames of 01\n/);
    for (const text of [/^stride 1 /m, /^patch 16 /m, /^motion +[\d.,]+ +[\d.,]+$/m, /entropy/])
      expect(stdout).toMatch(text);
  });

  test('a training tells what is inside the model at each validation', async () => {
    const { training } = await readJson<{
      training: { history: { validation: object | null; inner?: Json }[] };
    }>(join(folder(), 'model', 'model.json'));
    const looked = training.history.filter(({ validation }) => validation !== null);
    expect(looked.length).toBeGreaterThan(0);
    const keys = ['frames', 'time', 'granularity', 'parts', 'memories'];
    for (const { inner } of looked.slice(0, -1)) expect(Object.keys(inner!)).toEqual(keys);
    // What is normal is known at the end.
    expect(Object.keys(looked.at(-1)!.inner!)).toEqual([...keys, 'score']);
  });

  test('score prints one JSON line a frame', async () => {
    const { code, stdout } = await run('score', 'model', 'data/testing/videos/01.mp4');
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBe(testing.frames);
    for (const [frame, line] of lines.entries()) {
      const scored = JSON.parse(line) as Json;
      const keys = 'frame,time,score,appearance,motion,alarm,regions';
      // Only lines of the warm-up have another key.
      expect(
        Object.keys(scored)
          .join()
          .replace(/,warmUp$/, ''),
      ).toBe(keys);
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
      const { description, ...figures } = cost;
      expect(description !== undefined).toBe(words[0] === 'model');
      expect(Object.keys(figures)).toEqual(['parameters', 'flops', 'streamingFlops', 'modules']);
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
    expect(Object.keys(figures).join()).toBe(`preset,${keys},machine`);
    const { preset, dataWaitShare, cameras, machine, ...rest } = figures;
    expect(machine).toMatchObject({ cores: expect.any(Number) });
    expect(preset).toBe('tiny');
    if (what === 'infer')
      expect(cameras).toEqual(
        [1, 4, 16].map((count) => ({ cameras: count, framesPerSecond: expect.any(Number) })),
      );
    for (const value of Object.values(rest)) expect(value).toBeGreaterThan(0);
    if (what === 'train') expect(dataWaitShare).toBeGreaterThanOrEqual(0);
  });
});
