import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  evaluate,
  importDataset,
  inspect,
  loadModel,
  type ModelConfiguration,
  openVideo,
  type QuantiseOptions,
  quantise,
  rehearse,
  type ScoredFrame,
  type TrainOptions,
  train,
  UserError,
} from '../src/index.ts';
import { sharedFolder, writeDataset } from './cli/footage.ts';

/** The one line that a call is refused with. */
async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).message;
}

describe('options of the library are checked before any work, and named:', () => {
  const folder = sharedFolder(writeDataset);

  test.each<[object, string]>([
    [{ data: 'x' }, 'train: option out: '],
    [{ length: { minute: 0.01 } }, 'train: option length: must be { epochs } or { minutes }'],
    [{ length: { minutes: 0 } }, 'train: option length.minutes: '],
    [{ lenght: { minutes: 1 } }, 'train: unknown option lenght'],
    [{ training: { batch: 'x' } }, 'train: option training.batch: '],
    [{ training: { btach: 4 } }, 'train: unknown option training.btach'],
    [{ input: { width: 100 } }, 'train: option input.width: '],
    [{ model: { depth: 3 } }, 'train: unknown option model.depth'],
    [{ preset: 'huge' }, 'train: option preset: '],
    [{ seed: -1 }, 'train: option seed: '],
    [{ alarmsPerHour: 0 }, 'train: option alarmsPerHour: '],
    [{ device: 'gpu' }, 'train: option device: '],
    [{ signal: {} }, 'train: option signal: must be an AbortSignal'],
    [{ onTraining: 1 }, 'train: option onTraining: must be a function'],
  ])('train(%j)', async (options, message) => {
    const out = join(folder(), 'refused');
    const given = 'data' in options ? options : { data: join(folder(), 'data'), out, ...options };
    let decoded = 0;
    const call = train({ onDecode: () => void decoded++, ...given } as TrainOptions);
    expect(await refusal(call)).toContain(message);
    expect({ decoded, made: existsSync(out) }).toEqual({ decoded: 0, made: false });
  });

  test.each<[string, () => Promise<unknown>, string]>([
    ['batch', () => loadModel('upcam-tiny', { batch: 'x' as never }), 'loadModel: option batch: '],
    ['threads', () => loadModel('upcam-tiny', { threads: 0 }), 'loadModel: option threads: '],
    ['report', () => evaluate('m', 'd', { report: '' }), 'evaluate: option report: must be a path'],
    ['unknown', () => evaluate('m', 'd', { out: 1 } as object), 'evaluate: unknown option out'],
    ['fps', () => quantise('m', 'd', 'o', { fps: 0 } as QuantiseOptions), 'quantise: option fps: '],
    ['frames', () => inspect('m', 'd', { frames: 0.5 }), 'inspect: option frames: '],
    ['unknown', () => inspect('m', 'd', { frame: 1 } as object), 'inspect: unknown option frame'],
    [
      'alarmsPerDay',
      () => rehearse('m', ['f'], { alarmsPerDay: 0 }),
      'rehearse: option alarmsPerDay: ',
    ],
    ['drill', () => rehearse('m', ['f'], { drill: -1 }), 'rehearse: option drill: '],
    ['unknown', () => rehearse('m', ['f'], { dril: 1 } as object), 'rehearse: unknown option dril'],
    [
      'original',
      () => openVideo('v', {} as ModelConfiguration['input'], { original: 1 as never }),
      'openVideo: option original: ',
    ],
    ['kind', () => importDataset('uscd' as 'ucsd', 'a', 'b'), 'uscd: is not a known benchmark'],
  ])('%s', async (_, call, message) => {
    expect(await refusal(call())).toContain(message);
  });
});

test('an error names an option as its reader calls it', async () => {
  const call = loadModel('upcam-tiny', { device: 'cuda' });
  const error = (await call.catch((reason: unknown) => reason)) as UserError;
  expect(error.message).toMatch(/^device: 'cuda': cannot be used here .*; use device: 'cpu'$/);
  expect(error.commandLine).toMatch(/^--device cuda: cannot be used here .*; use --device cpu$/);
});

describe('a signal', () => {
  const folder = sharedFolder(writeDataset);
  const stop = new Error('enough');

  test('that is aborted beforehand ends a call at once', async () => {
    const signal = AbortSignal.abort(stop);
    const data = join(folder(), 'data');
    const out = join(folder(), 'none');
    await expect(train({ data, out, preset: 'tiny', signal })).rejects.toBe(stop);
    await expect(evaluate('upcam-tiny', data, { signal })).rejects.toBe(stop);
    await expect(quantise('upcam-tiny', data, out, { signal })).rejects.toBe(stop);
    await expect(inspect('upcam-tiny', data, { signal })).rejects.toBe(stop);
    await expect(rehearse('upcam-tiny', [data], { signal })).rejects.toBe(stop);
    await expect(importDataset('ucsd', data, out, { signal })).rejects.toBe(stop);
    expect(existsSync(out)).toBe(false);
  });

  test('ends training while it decodes, and leaves nothing', async () => {
    const abortion = new AbortController();
    const out = join(folder(), 'none');
    const call = train({
      data: join(folder(), 'data'),
      out,
      preset: 'tiny',
      // A format that no other test has decoded.
      model: { input: { width: 48, height: 48, channels: 1 } },
      signal: abortion.signal,
      onDecode: () => abortion.abort(stop),
    });
    await expect(call).rejects.toBe(stop);
    expect(existsSync(out)).toBe(false);
  });

  test('ends scoring at the next frame', async () => {
    await using model = await loadModel('upcam-tiny', { batch: 1 });
    const abortion = new AbortController();
    const frames: ScoredFrame[] = [];
    const video = join(folder(), 'data/testing/videos/01.mp4');
    const scored = async () => {
      for await (const frame of model.score(video, { signal: abortion.signal })) {
        frames.push(frame);
        if (frame.frame === 20) abortion.abort(stop);
      }
    };
    await expect(scored()).rejects.toBe(stop);
    expect(frames.length).toBe(21);
  });
});

describe('a model', () => {
  const folder = sharedFolder(writeDataset);
  const video = () => join(folder(), 'data/testing/videos/01.mp4');

  test('that comes with m2s2l is loaded by its name, and marks the frames of its warm-up', async () => {
    await using model = await loadModel('upcam-tiny');
    const frames: ScoredFrame[] = [];
    for await (const frame of model.score(video())) frames.push(frame);
    expect(frames.length).toBe(50);
    const early = model.detector.clipLength - 1;
    expect(frames.map(({ warmUp }) => warmUp)).toEqual(frames.map((_, i) => i < early));
  });

  test('is released twice without harm, and says so when it is used afterwards', async () => {
    const model = await loadModel('upcam-tiny');
    await Promise.all([model.release(), model.release()]);
    await model.release();
    await expect(model.score(video()).next()).rejects.toThrow('the model was released');
  });

  test('scores every frame of a file live, though it comes faster than it can be scored', async () => {
    await using model = await loadModel('upcam-tiny');
    await using live = model.live();
    const source = await openVideo(video(), model.detector.format);
    const scored: number[] = [];
    const camera = live.add(source, ({ frame }) => scored.push(frame));
    await camera.ended;
    const early = model.detector.clipLength - 1;
    expect(camera.counts).toEqual({ frames: 50, dropped: 0, scored: 50 - early });
    expect(scored).toEqual(Array.from({ length: 50 - early }, (_, i) => early + i));
  });

  test('leaves a file that waits when its camera fails', async () => {
    await using model = await loadModel('upcam-tiny');
    const source = await openVideo(video(), model.detector.format);
    let left = false;
    async function* frames() {
      try {
        yield* source;
      } finally {
        left = true;
      }
    }
    const watched = { ...source, [Symbol.asyncIterator]: frames };
    const camera = model.live().add(watched, () => {
      throw new Error('a fault of the listener');
    });
    await expect(camera.ended).rejects.toThrow('a fault of the listener');
    await expect.poll(() => left).toBe(true);
  });
});
