import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { loadModel } from '../../../src/detector/model.ts';
import { readModel, writeModel } from '../../../src/detector/model-file.ts';
import { clipLength } from '../../../src/model/configuration.ts';
import { SharedInference } from '../../../src/service/inference/shared-inference.ts';
import type { CameraFrame, CameraScore } from '../../../src/service/parts.ts';
import { sharedFolder } from '../../cli/footage.ts';
import { footage, gather } from '../../detector/footage.ts';
import { WHOLE } from '../../model/small-models.ts';
import { until } from '../poll.ts';
import { writeSmallModel } from './small-model.ts';

const size = { width: 64, height: 48 };
const fps = 10;
const warmUp = clipLength(WHOLE) - 1;
const OTHER = { ...WHOLE, input: { width: 48, height: 32, channels: 1 } as const };

const folder = sharedFolder(async (path) => {
  await writeSmallModel(join(path, 'model'));
  await writeSmallModel(join(path, 'other'), OTHER);
});
const model = () => join(folder(), 'model');

/** A model whose weights are numbers, and whose scores are none. */
async function overflowing(path: string): Promise<string> {
  const { description, weights } = await readModel(model());
  const [name, { shape, data }] = [...weights].find(([key]) => key.endsWith('pixels.weight'))!;
  const large = { shape, data: data.map((weight) => (weight < 0 ? -3e38 : 3e38)) };
  await writeModel(path, { description, weights: new Map([...weights, [name, large]]) });
  return path;
}

const running: SharedInference[] = [];
afterEach(async () => {
  for (const inference of running.splice(0)) await inference.stop();
});

/** An inference process that restarts quickly, and what it says. */
function started(patience = 10_000) {
  const heard = {
    scores: new Map<string, CameraScore[]>(),
    ready: 0,
    lost: [] as { readonly reason: string; readonly givenUp: boolean }[],
    failed: [] as { readonly camera: string; readonly reason: string }[],
  };
  const inference = new SharedInference(
    {
      onScore(camera, score) {
        heard.scores.set(camera, [...(heard.scores.get(camera) ?? []), score]);
      },
      onReady: () => heard.ready++,
      onLost: (reason, givenUp) => heard.lost.push({ reason, givenUp }),
      onModelFailed: (camera, reason) => heard.failed.push({ camera, reason }),
    },
    { beat: 100, patience, restartDelay: 10 },
  );
  running.push(inference);
  inference.start();
  const scoresOf = (camera: string) => heard.scores.get(camera) ?? [];
  return { inference, heard, scoresOf };
}

/** Frames of a camera, the last quarter of them wild; a tenth of a second apart from `start` on. */
function frames(seed: string, count: number, start = 0, configuration = WHOLE): CameraFrame[] {
  return footage(configuration, count, seed).map((data, i) => ({
    time: start + 100 * i,
    data: i < 0.75 * count ? data : data.map((value, at) => (at % 3 ? value : 255 - value)),
    stretch: start,
  }));
}

/** Gives frames no faster than they are answered. */
async function give(inference: SharedInference, camera: string, all: readonly CameraFrame[]) {
  for (const frame of all) {
    inference.push(camera, frame);
    await until('the frame is answered', () => inference.counts(camera).waiting === 0);
  }
}

/** What a file of these frames would score, but for the warm-up. */
async function fileScores(path: string, all: readonly CameraFrame[]) {
  const loaded = await loadModel(path);
  const scored = await gather(
    loaded.score({
      name: 'file',
      source: size,
      fps,
      format: loaded.detector.format,
      expectedFrames: undefined,
      async *[Symbol.asyncIterator]() {
        for (const [index, { data, time }] of all.entries())
          yield { index, time, data, corrupt: false };
      },
    }),
  );
  await loaded.release();
  return scored.slice(warmUp);
}

type Said = Pick<CameraScore, 'time' | 'score' | 'appearance' | 'motion' | 'regions'>;

function expectSame(found: readonly Said[], expected: readonly Said[]) {
  expect(found.map(({ time }) => time)).toEqual(expected.map(({ time }) => time));
  for (const [i, { score, appearance, motion, regions }] of expected.entries()) {
    expect(found[i]!.score).toBeCloseTo(score, 4);
    expect(found[i]!.appearance).toBeCloseTo(appearance, 4);
    expect(found[i]!.motion).toBeCloseTo(motion, 4);
    // Where no region stands out the service names the worst place, for an event that may come of it.
    if (regions.length > 0)
      expect(found[i]!.regions.map(({ score: _, ...box }) => box)).toEqual(
        regions.map(({ score: _, ...box }) => box),
      );
    else expect(found[i]!.regions.length).toBeLessThanOrEqual(1);
  }
}

describe('the inference process', () => {
  test('scores two cameras of one model, and one of another, as files of their frames', async () => {
    const { inference, heard, scoresOf } = started();
    const cameras = [
      { name: 'one', path: model(), all: frames('one', 40) },
      { name: 'two', path: model(), all: frames('two', 40) },
      { name: 'three', path: join(folder(), 'other'), all: frames('three', 40, 0, OTHER) },
    ];
    for (const { name, path } of cameras) inference.watch(name, path, size, fps, []);
    await Promise.all(cameras.map(({ name, all }) => give(inference, name, all)));
    for (const { name, path, all } of cameras) {
      expectSame(scoresOf(name), await fileScores(path, all));
      expect(inference.counts(name)).toMatchObject({
        dropped: 0,
        waiting: 0,
        scored: 40 - warmUp,
      });
    }
    expect(heard.lost).toEqual([]);
    const scores = cameras.flatMap(({ name }) => scoresOf(name));
    expect(scores.some(({ regions }) => regions.length > 0)).toBe(true);
    for (const { heatmap, regions, timeScale } of scores) {
      expect(heatmap.data.length).toBe(heatmap.width * heatmap.height);
      // Half of the largest byte is the level of a region; just there, rounding hides on which side.
      const most = Math.max(...heatmap.data);
      if (most > 128.5) expect(regions.length).toBeGreaterThan(0);
      expect([null, 0.1, 0.2, 0.4]).toContain(timeScale);
      if (regions.length === 0) expect(timeScale).toBe(null);
    }
  });

  test('begins anew with a frame after a break, and says nothing in the warm-up', async () => {
    const { inference, scoresOf } = started();
    inference.watch('camera', model(), size, fps, []);
    const before = frames('before', 20);
    const after = frames('after', 20, 60_000);
    await give(inference, 'camera', [...before, ...after]);
    expectSame(scoresOf('camera'), [
      ...(await fileScores(model(), before)),
      ...(await fileScores(model(), after)),
    ]);
  });

  test('under an overload gives every camera its share, and drops and counts the rest', async () => {
    const { inference, scoresOf } = started();
    const names = ['one', 'two', 'three'];
    for (const name of names) inference.watch(name, model(), size, fps, []);
    const pushed = { one: 0, two: 0, three: 0 };
    const data = footage(WHOLE, 1, 'still')[0]!;
    const push = (name: keyof typeof pushed) =>
      inference.push(name, { time: pushed[name]++, data, stretch: 0 });
    while (scoresOf('one').length < 60) {
      // The third is half as fast as the others, and too fast, too.
      for (const name of ['one', 'two', 'three', 'one', 'two'] as const)
        for (let burst = 0; burst < 3; burst++) push(name);
      await setTimeout(1);
    }
    await until('all is answered', () => names.every((n) => inference.counts(n).waiting === 0));
    for (const name of ['one', 'two', 'three'] as const) {
      const { dropped, scored } = inference.counts(name);
      expect(dropped).toBeGreaterThan(0);
      expect(dropped + scored + warmUp).toBe(pushed[name]);
      expect(scored).toBeGreaterThan(40);
      const times = scoresOf(name).map(({ time }) => time);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }
  });

  test.each(['SIGKILL', 'SIGSTOP'] as const)(
    'is back after a %s, with new streams',
    async (signal) => {
      const { inference, heard, scoresOf } = started(15_000);
      inference.watch('camera', model(), size, fps, []);
      await give(inference, 'camera', frames('before', 20));
      const said = scoresOf('camera').length;
      expect(said).toBe(20 - warmUp);

      process.kill(inference.pid!, signal);
      // Whatever comes meanwhile takes no more room than a few frames.
      const meanwhile = frames('meanwhile', 30, 10_000);
      for (const frame of meanwhile) {
        inference.push('camera', frame);
        expect(inference.counts('camera').waiting).toBeLessThanOrEqual(4);
      }
      await until('it is lost', () => heard.lost.length === 1);
      expect(heard.lost[0]!.reason).toMatch(
        signal === 'SIGKILL' ? /^inference ended with SIGKILL/ : /^inference gave no sign of life/,
      );
      expect(heard.lost[0]!.givenUp).toBe(false);
      expect(inference.counts('camera').waiting).toBe(0);
      expect(inference.counts('camera').dropped).toBe(30);

      // The camera's frames do not begin anew, but its stream does.
      const after = frames('after', 20, 60_000).map((frame) => ({ ...frame, stretch: 0 }));
      await give(inference, 'camera', after);
      expect(heard.ready).toBe(2);
      expectSame(scoresOf('camera').slice(said), await fileScores(model(), after));
    },
  );

  test('tells of a model that cannot be loaded; other cameras go on', async () => {
    const { inference, heard, scoresOf } = started();
    inference.watch('good', model(), size, fps, []);
    inference.watch('bad', join(folder(), 'none'), size, fps, []);
    inference.watch('bad too', join(folder(), 'none'), size, fps, []);
    const all = frames('good', 20);
    await give(inference, 'good', all);
    await until('both fail', () => heard.failed.length === 2);
    const reason = expect.stringContaining(`${join(folder(), 'none')}: does not exist; `);
    expect(heard.failed).toEqual([
      { camera: 'bad', reason },
      { camera: 'bad too', reason },
    ]);
    expect(scoresOf('good').length).toBe(20 - warmUp);
    expect(heard.lost).toEqual([]);
    // Another model for it is as good as ever.
    inference.watch('bad', model(), size, fps, []);
    await give(inference, 'bad', all);
    expectSame(scoresOf('bad'), scoresOf('good'));
  });

  test('tells of a model whose weights overflow, in one line; other cameras go on', async () => {
    const { inference, heard, scoresOf } = started();
    const path = await overflowing(join(folder(), 'overflowing'));
    inference.watch('mine', path, size, fps, []);
    inference.watch('yours', model(), size, fps, []);
    await until('the process runs', () => heard.ready > 0);
    await give(inference, 'yours', frames('yours', 2 * warmUp));
    for (const frame of frames('mine', 2 * warmUp)) {
      inference.push('mine', frame);
      await until('it is answered', () => inference.counts('mine').waiting < 2);
      if (heard.failed.length > 0) break;
    }
    await until('it is told', () => heard.failed.length > 0);
    expect(heard.failed).toEqual([
      {
        camera: 'mine',
        reason: expect.stringMatching(/^.*overflowing: the model's \w+ errors are not finite: .*$/),
      },
    ]);
    expect(scoresOf('mine')).toEqual([]);
    await give(inference, 'yours', frames('yours', 2 * warmUp, 10_000));
    await until('the other goes on', () => scoresOf('yours').length > warmUp);
    expect(heard.lost).toEqual([]);
  });

  test('changes a camera to another model while frames of the one before still come', async () => {
    const { inference, heard, scoresOf } = started();
    const copy = join(folder(), 'copy');
    await cp(join(folder(), 'other'), copy, { recursive: true });
    inference.watch('camera', model(), size, fps, []);
    await give(inference, 'camera', frames('before', 20));
    const said = scoresOf('camera').length;
    inference.watch('camera', copy, size, fps, []);
    const old = frames('old', 5, 10_000);
    await give(inference, 'camera', old);
    const all = frames('new', 20, 20_000, OTHER).map((frame) => ({ ...frame, stretch: 0 }));
    await give(inference, 'camera', all);
    expectSame(scoresOf('camera').slice(said), await fileScores(copy, all));
    expect(inference.counts('camera').dropped).toBe(old.length);

    // Gone from the disk it is found out when it is needed again.
    await rm(copy, { recursive: true });
    process.kill(inference.pid!, 'SIGKILL');
    await until('it is told', () => heard.failed.length === 1);
    expect(heard.failed[0]!.reason).toContain('does not exist');
  });

  test('a model that stays in use is not loaded again', async () => {
    const { inference, heard, scoresOf } = started();
    const copy = join(folder(), 'kept');
    await cp(model(), copy, { recursive: true });
    inference.watch('camera', copy, size, fps, []);
    await give(inference, 'camera', frames('before', 20));
    // Loading it once more would fail.
    await rm(copy, { recursive: true });
    inference.watch('camera', copy, { width: 128, height: 96 }, fps, []);
    await give(inference, 'camera', frames('after', 20, 10_000));
    expect(heard.failed).toEqual([]);
    expect(scoresOf('camera')).toHaveLength(2 * (20 - warmUp));
  });

  test('says nothing of a camera that is not watched any more', async () => {
    const { inference, scoresOf } = started();
    inference.watch('camera', model(), size, fps, []);
    inference.watch('other', model(), size, fps, []);
    await give(inference, 'camera', frames('before', 20));
    const said = scoresOf('camera').length;
    const [more, ...rest] = frames('more', 20, 10_000);
    inference.push('camera', more!);
    inference.unwatch('camera');
    for (const frame of rest) inference.push('camera', frame);
    await give(inference, 'other', frames('other', 20));
    expect(scoresOf('other').length).toBe(20 - warmUp);
    expect(scoresOf('camera').length).toBe(said);
    expect(inference.counts('camera')).toMatchObject({ scored: said, dropped: 1, waiting: 0 });
  });
});
