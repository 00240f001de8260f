import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { readModel } from '../../../src/detector/model-file.ts';
import { UserError } from '../../../src/errors.ts';
import { clipLength } from '../../../src/model/configuration.ts';
import { presetConfiguration } from '../../../src/model/presets.ts';
import { FootageLearner } from '../../../src/service/learning/footage-learner.ts';
import type { LearningProgress } from '../../../src/service/learning/messages.ts';
import type { LearningJob } from '../../../src/service/parts.ts';
import { hasCheckpoint, readCheckpoint } from '../../../src/training/checkpoint.ts';
import { sharedFolder, size, swinging } from '../../cli/footage.ts';
import { plain, writeVideo } from '../../video/footage.ts';
import { until } from '../poll.ts';

/** Frames of a file, of which three spans are judged; in the second of the odd file the light flickers. */
const FRAMES = 150;
const SPAN_SECONDS = 5;
const FILES = 8;
const ODD_FILE = 2;
const ODD = { from: 60, to: 75 };
const START = Date.UTC(2026, 0, 1);
const warmUp = clipLength(presetConfiguration('tiny')) - 1;

const shared = sharedFolder(async (folder) => {
  process.env.M2S2L_CACHE = join(folder, '.cache');
  for (let file = 0; file < FILES; file++) {
    const pictures = swinging(FRAMES);
    if (file === ODD_FILE)
      for (let i = ODD.from; i < ODD.to; i++) pictures[i] = plain(size, i % 2 ? 255 : 0);
    await writeVideo(join(folder, 'footage', `${file}.mp4`), size, pictures);
  }
  await writeVideo(join(folder, 'short.mp4'), size, swinging(20));
});

/** Files follow each other with a gap of a minute. */
const footage = () =>
  Array.from({ length: FILES }, (_, file) => ({
    path: join(shared(), 'footage', `${file}.mp4`),
    from: START + 60_000 * file,
  }));

/** A job on little footage, unless told. */
function job(name: string, changes: Partial<LearningJob> = {}): LearningJob {
  return {
    camera: 'yard',
    footage: footage().slice(0, 2),
    out: join(shared(), name),
    learning: { collectMinutes: 1, trainMinutes: 0.01, preset: 'tiny' },
    alarmsPerDay: 24,
    confirmed: [],
    oddFolder: join(shared(), `${name}-odd`),
    ...changes,
  };
}

const learner = (process = {}) =>
  new FootageLearner({
    input: { width: size.width, height: size.height },
    oddSpanSeconds: SPAN_SECONDS,
    process: { restartDelay: 10, ...process },
  });

const never = new AbortController().signal;

describe('the learner', () => {
  test('learns a camera, finds its odd minute and leaves it out', async () => {
    const told: LearningProgress[] = [];
    const wanted = job('model', { footage: footage() });
    const { model, heldOut, oddMinutes } = await learner().learn(
      wanted,
      (progress) => told.push(progress),
      never,
    );

    expect(new Set(told.map(({ phase }) => phase))).toEqual(new Set(['training', 'calibrating']));
    for (const phase of ['training', 'calibrating']) {
      const shares = told.filter((one) => one.phase === phase).map(({ share }) => share);
      expect(shares).toEqual(shares.toSorted((a, b) => a - b));
      expect(Math.max(...shares)).toBeLessThanOrEqual(1);
    }

    const span = FRAMES / 3;
    expect(oddMinutes).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{12}$/),
        camera: 'yard',
        time: START + 60_000 * ODD_FILE + (1000 * span) / size.fps,
        score: expect.any(Number),
      },
    ]);
    const seen = heldOut.flatMap(({ peaks }) => [...peaks]).filter(Number.isFinite);
    expect(oddMinutes[0]!.score).toBeGreaterThan(2 * Math.max(...seen));

    // The picture is one of them: without the square.
    const picture = sharp(join(wanted.oddFolder, `${oddMinutes[0]!.id}.jpg`));
    expect(await picture.metadata()).toMatchObject({ format: 'jpeg', ...dimensions });
    expect((await picture.stats()).channels[0]!.stdev).toBeLessThan(5);

    // Two of the files are held out; of one of them the span in the middle is not there.
    const at = (file: number, frame: number) => START + 60_000 * file + (1000 * frame) / size.fps;
    expect(heldOut.map(({ from }) => from)).toEqual([
      at(ODD_FILE, 0),
      at(ODD_FILE, 2 * span),
      at(6, 0),
    ]);
    expect(heldOut.map(({ peaks }) => peaks.length)).toEqual([5, 5, 15]);
    for (const { peaks } of heldOut) {
      const quiet = Math.floor(warmUp / size.fps);
      expect([...peaks].map(Number.isNaN)).toEqual([...peaks.keys()].map((i) => i < quiet));
    }
    const { description } = await readModel(wanted.out);
    expect(description.statistics.frames).toBe(2 * (span - warmUp) + FRAMES - warmUp);
    expect(description.threshold.budgetPerHour).toBe(1);
    expect(model).toMatchObject({
      format: { ...dimensions, channels: 1 },
      preset: 'tiny',
      threshold: description.threshold,
    });
    expect((await readdir(wanted.out)).toSorted()).toEqual(['model.json', 'weights.safetensors']);

    // Learned already: what follows the training is done again, and comes to the same.
    const weights = await readFile(join(wanted.out, 'weights.safetensors'));
    const again = await learner().learn(wanted, () => undefined, never);
    expect(await readFile(join(wanted.out, 'weights.safetensors'))).toEqual(weights);
    expect(again.heldOut).toEqual(heldOut);
  });

  test('killed on its way goes on from its checkpoint', async () => {
    const one = learner();
    const wanted = job('killed', {
      learning: { collectMinutes: 1, trainMinutes: 0.15, preset: 'tiny' },
    });
    const learning = one.learn(wanted, () => undefined, never);
    await until('there is a checkpoint', () =>
      existsSync(join(wanted.out, 'checkpoint.safetensors')),
    );
    const pid = one.pid!;
    process.kill(pid, 'SIGKILL');
    const before = await readCheckpoint(wanted.out);
    expect(before.history.length).toBeGreaterThan(0);
    await learning;
    const { description } = await readModel(wanted.out);
    expect(description.training.history.slice(0, before.history.length)).toEqual(before.history);
    expect(description.provenance.steps).toBeGreaterThanOrEqual(before.step);
    expect(await hasCheckpoint(wanted.out)).toBe(false);
    expect(one.pid).toBeUndefined();
  });

  test('begins anew where another training lies, or what a killed write left', async () => {
    const one = learner();
    const abort = new AbortController();
    const wanted = job('other');
    const begun = one.learn(
      job('other', { learning: { collectMinutes: 1, trainMinutes: 5, preset: 'tiny' } }),
      () => {
        if (existsSync(join(wanted.out, 'checkpoint.safetensors')))
          abort.abort(new Error('enough'));
      },
      abort.signal,
    );
    await expect(begun).rejects.toThrow('enough');
    expect(one.pid).toBeUndefined();
    await writeFile(join(wanted.out, 'weights.safetensors.1234.tmp'), 'half');
    await one.learn(wanted, () => undefined, never);
    expect((await readdir(wanted.out)).toSorted()).toEqual(['model.json', 'weights.safetensors']);
  });

  test('learns one camera after another; one that waits can be given up', async () => {
    const one = learner();
    const abort = new AbortController();
    const order: string[] = [];
    const first = one.learn(job('first'), () => order.push('first'), never);
    const waiting = one.learn(job('waiting'), () => order.push('waiting'), abort.signal);
    const last = one.learn(job('last'), () => order.push('last'), never);
    abort.abort(new Error('changed my mind'));
    await expect(waiting).rejects.toThrow('changed my mind');
    await Promise.all([first, last]);
    expect(order).toEqual(order.toSorted());
    expect(new Set(order)).toEqual(new Set(['first', 'last']));
  });

  test('stopped, rejects what is under way and what waits', async () => {
    const one = learner();
    const jobs = ['now', 'later'].map((name) => one.learn(job(name), () => undefined, never));
    const rejected = jobs.map((learning) => expect(learning).rejects.toThrow(/abort/));
    await until('it runs', () => one.pid !== undefined);
    await one.stop();
    await Promise.all(rejected);
    expect(one.pid).toBeUndefined();
  });

  test('says what is wrong with the footage, in one line', async () => {
    const refusal = async (path: string) => {
      const error = await learner()
        .learn(job('refused', { footage: [{ path, from: START }] }), () => undefined, never)
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(UserError);
      return (error as UserError).message;
    };
    expect(await refusal(join(shared(), 'short.mp4'))).toBe(
      'too little footage: 2.0 s that can be used, at least 5.2 s are needed; collect more, for minutes rather than seconds',
    );
    expect(await refusal(join(shared(), 'none.mp4'))).toContain('none.mp4: does not exist');
    await writeFile(join(shared(), 'text.mp4'), 'hello');
    expect(await refusal(join(shared(), 'text.mp4'))).toContain('cannot be read as a video');
    expect(existsSync(join(shared(), 'refused'))).toBe(false);
  });

  test('given up where its process is lost again and again', async () => {
    const poor = learner({ memoryLimit: 1e6, beat: 20 });
    await expect(poor.learn(job('poor'), () => undefined, never)).rejects.toThrow(
      /^the learner took \d+ MB of memory, more than 1; after 6 times it was given up$/,
    );
  });

  test('takes the videos of a folder as one after another', async () => {
    const folder = join(shared(), 'folder');
    await mkdir(folder);
    for (const [i, { path }] of footage().slice(4, 7).entries())
      await cp(path, join(folder, `${i}.mp4`));
    const { heldOut, oddMinutes } = await learner().learn(
      job('of-folder', { footage: [{ path: folder, from: START }] }),
      () => undefined,
      never,
    );
    expect(oddMinutes).toEqual([]);
    // Of three files of 15 s one is held out whole.
    expect(heldOut.map(({ from }) => (from - START) / 5000)).toEqual([0]);
  });
});

const dimensions = { width: size.width, height: size.height };
