import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { LightName } from '../../../src/scoring/light/clusters.ts';
import type { Light } from '../../../src/scoring/light/light.ts';
import { modelThreshold } from '../../../src/service/budget/threshold-in-force.ts';
import { Cameras } from '../../../src/service/camera/cameras.ts';
import { checkedModel, type Stage, scoreOf, settingsOf, stage } from './fakes.ts';

const day: Light = { brightness: 0.6, saturation: 0.3 };
const infrared: Light = { brightness: 0.6, saturation: 0.01 };
const start = Date.now() - 3_600_000;

/** A camera with a model for each light, whose first frame is by day. */
async function watching(at: Stage): Promise<Cameras> {
  const model = join(at.folder.models('yard'), '1');
  const clusters = { by: 'saturation', day: 0.3, night: 0.01 } as const;
  const night = { folder: join(model, 'night'), threshold: checkedModel.threshold };
  vi.spyOn(at.learner, 'check').mockResolvedValue({ ...checkedModel, lights: { clusters, night } });
  at.store.saveCamera({
    id: 'yard',
    settings: settingsOf({ budget: { call: 'always' } }),
    life: 'watching',
    resumed: 'watching',
    model,
    threshold: modelThreshold(checkedModel.threshold, 4),
    learning: null,
    created: 1,
  });
  const cameras = new Cameras(at.context);
  onTestFinished(() => cameras.close());
  cameras.start([]);
  at.decoders.last.online();
  await vi.waitFor(() => expect(at.inference.watched.has('yard')).toBe(true));
  return cameras;
}

/** Frames ten a second, each scored by whatever is in use. */
function play(at: Stage, cameras: Cameras, from: number, seconds: number, light: Light, score = 1) {
  for (let time = from; time < from + 1000 * seconds; time += 100) {
    at.decoders.last.listener.onFrame({ time, stretch: 1, data: new Uint8Array(1), light });
    cameras.scored('yard', scoreOf(time, score));
  }
  return from + 1000 * seconds;
}

const inUse = (at: Stage): LightName =>
  at.inference.watched.get('yard')!.endsWith('night') ? 'night' : 'day';

test('another light that lasts takes its model into use, and back', async () => {
  const at = stage();
  const cameras = await watching(at);
  let time = play(at, cameras, start, 20, day);
  expect([inUse(at), cameras.status('yard')!.light]).toEqual(['day', 'day']);
  time = play(at, cameras, time, 8, infrared);
  expect(inUse(at)).toBe('day');
  time = play(at, cameras, time, 8, infrared);
  expect([inUse(at), cameras.status('yard')!.light]).toEqual(['night', 'night']);
  expect(cameras.status('yard')!.detail).toBe('Watches with its model of the night');
  play(at, cameras, time, 15, day);
  expect(inUse(at)).toBe('day');
});

test('what a change of light raises is no alarm, and what comes after it is one of the night', async () => {
  const at = stage();
  const cameras = await watching(at);
  let time = play(at, cameras, start, 20, day);
  // The day's model takes infrared for something very odd.
  time = play(at, cameras, time, 10, infrared, 50);
  expect(at.stored).toEqual([]);
  time = play(at, cameras, time, 20, infrared);
  expect(at.store.events({ limit: 10 }).events).toEqual([]);
  time = play(at, cameras, time, 3, infrared, 50);
  play(at, cameras, time, 60, infrared);
  const { events } = at.store.events({ limit: 10 });
  expect(events).toMatchObject([{ kind: 'alarm', light: 'night', retracted: null }]);
});

test('each model has its own scores and threshold, and both pay from one budget', async () => {
  const at = stage();
  const cameras = await watching(at);
  let time = play(at, cameras, start, 5, day);
  time = play(at, cameras, time, 3, day, 50);
  time = play(at, cameras, time, 70, day);
  const { saved } = at.store.keeper('yard', 'day')?.keeper ?? { saved: Number.NaN };
  const left = cameras.status('yard')!.trust!.alarmsLeft;
  expect(saved).toBeGreaterThan(left);
  time = play(at, cameras, time, 90, infrared);
  expect(cameras.status('yard')!.trust!.alarmsLeft).toBe(left);
  await cameras.close();
  const scored = (light: LightName) =>
    at.store.scores('yard', start, time, light).reduce((sum, { peaks }) => sum + peaks.length, 0);
  expect(scored('day')).toBeGreaterThan(10);
  expect(scored('night')).toBeGreaterThan(60);
  expect(at.store.keeper('yard', 'night')!.model).toMatch(/night$/);
  expect(at.store.keeper('yard', 'day')!.model).not.toMatch(/night$/);
});

test('a verdict goes to the model of its event, also while the other one is in use', async () => {
  const at = stage();
  const cameras = await watching(at);
  let time = play(at, cameras, start, 5, day);
  time = play(at, cameras, time, 3, day, 50);
  time = play(at, cameras, time, 70, day);
  play(at, cameras, time, 30, infrared);
  const [event] = at.store.events({ limit: 10 }).events;
  expect(event).toMatchObject({ light: 'day', end: expect.any(Number) });
  expect(cameras.judged({ ...event!, verdict: 'real' })).toEqual(expect.any(String));
  const verdicts = (light: LightName) =>
    at.store.keeper('yard', light)!.keeper.events.map(({ id, verdict }) => [id, verdict]);
  expect(verdicts('day')).toEqual([[event!.id, 'real']]);
  expect(verdicts('night')).toEqual([]);
});

test('a service that starts again goes on with the model that was in use', async () => {
  const at = stage();
  const cameras = await watching(at);
  const time = play(at, cameras, start, 5, day);
  play(at, cameras, time, 30, infrared);
  await cameras.close();
  at.inference.watched.clear();
  const again = new Cameras(at.context);
  onTestFinished(() => again.close());
  again.start([]);
  at.decoders.last.online();
  await vi.waitFor(() => expect(at.inference.watched.has('yard')).toBe(true));
  expect(inUse(at)).toBe('night');
});

test('a camera with one model stays with it, whatever the light', async () => {
  const at = stage();
  const cameras = await watching(at);
  await cameras.close();
  vi.spyOn(at.learner, 'check').mockResolvedValue(checkedModel);
  at.inference.watched.clear();
  const one = new Cameras(at.context);
  onTestFinished(() => one.close());
  one.start([]);
  at.decoders.last.online();
  await vi.waitFor(() => expect(at.inference.watched.has('yard')).toBe(true));
  const time = play(at, one, start, 20, day);
  play(at, one, time, 60, infrared);
  expect([inUse(at), one.status('yard')!.light]).toEqual(['day', null]);
});
