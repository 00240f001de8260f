import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { SetInFile } from '../../src/service/commands.ts';
import type { LiveMessage } from '../../src/service/contract/live.ts';
import { configurationFile, serviceSettings } from '../../src/service/contract/settings.ts';
import { InferenceRestarts } from '../../src/service/inference-restarts.ts';
import type { InferenceListener } from '../../src/service/parts.ts';
import { Service, type ServiceOptions } from '../../src/service/service.ts';
import { openStore } from '../../src/service/store/sqlite-store.ts';
import { smallDisk } from '../files/full-disk.ts';
import {
  checkedModel,
  FakeDecoders,
  FakeInference,
  FakeLearner,
  scoreOf,
  settingsOf,
  temporaryFolder,
} from './camera/fakes.ts';
import { broker } from './mqtt/broker.ts';
import { until } from './poll.ts';

/** A whole service but for its processes, which are played by hand. */
async function opened(options: Partial<ServiceOptions> = {}) {
  const decoders = new FakeDecoders();
  const inference = new FakeInference();
  const learner = new FakeLearner();
  let scoring: InferenceListener | undefined;
  const service = await Service.open(
    { data: temporaryFolder(), logger: pino({ level: 'silent' }), ...options },
    {
      decoders,
      learner,
      inference: (listener) => {
        scoring = listener;
        return inference;
      },
    },
  );
  onTestFinished(() => service.close());
  const heard: LiveMessage[] = [];
  service.listen((message) => heard.push(message));
  return { service, decoders, inference, learner, heard, scoring: scoring! };
}

/** A service with one camera that watches. */
async function watching(options: Partial<ServiceOptions> = {}) {
  const at = await opened(options);
  const { id } = await at.service.addCamera(settingsOf({ model: '/models/yard' }));
  at.decoders.last.online();
  await until('it is watched', () => at.inference.watched.has(id));
  return { ...at, id };
}

/** Writes until nothing more fits. */
function fillDisk(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (const block of [65_536, 4096]) {
      for (;;) {
        try {
          writeSync(file, Buffer.alloc(block));
        } catch {
          break;
        }
      }
    }
  } finally {
    closeSync(file);
  }
}

const configuration = configurationFile.parse({
  webhooks: [{ url: 'http://hook.example/', secret: 'a-secret-of-ours', kinds: ['camera'] }],
  cameras: [{ ...settingsOf({ model: '/models/yard' }), id: 'yard' }],
});

test('another topic of MQTT takes what the broker keeps at the one before', async () => {
  const { port, told, newest } = await broker();
  const { service } = await watching();
  const tell = (change: object) => {
    const mqtt = { url: `mqtt://127.0.0.1:${port}`, topic: 'house', discovery: 'found', ...change };
    service.setSettings({ ...service.settings(), mqtt });
  };
  const kept = () => [...newest].filter(([, payload]) => payload !== '').map(([topic]) => topic);
  tell({});
  await until('it is told', () => kept().length === 8);
  const before = kept();
  tell({ username: 'anyone' });
  const gone = () => told.findIndex(({ payload }) => payload === 'offline');
  await until('it is told again', () => gone() > 0 && told.length > gone() + before.length);
  expect(kept()).toEqual(before);
  tell({ topic: 'garden' });
  await until('it is told elsewhere', () => newest.get('garden/status') === 'online');
  const moved = before.map((topic) => topic.replace('house', 'garden')).sort();
  await until('nothing else is left', () => `${kept().sort()}` === `${moved}`);
  service.setSettings({ ...service.settings(), mqtt: null });
  await until('nothing is left', () => kept().length === 0);
});

describe('the configuration file', () => {
  test('its cameras are there, and can be changed only in it', async () => {
    const { service, learner } = await opened({ configuration });
    expect(service.camera('yard')).toMatchObject({ fromFile: true, state: 'watching' });
    await expect(service.changeCamera('yard', settingsOf())).rejects.toThrow(SetInFile);
    await expect(service.removeCamera('yard')).rejects.toThrow(SetInFile);
    expect(await service.stopCamera('yard')).toMatchObject({ state: 'stopped' });
    expect(learner.jobs).toHaveLength(0);
  });

  test('its settings hold, and can be changed only in it; the others can', async () => {
    const { service } = await opened({ configuration });
    expect(service.settingsFromFile()).toEqual(['webhooks']);
    expect(service.settings().webhooks).toHaveLength(1);
    const other = { ...service.settings(), webhooks: [] };
    expect(() => service.setSettings(other)).toThrow(SetInFile);
    const storage = { maxBytes: 20_000_000, nearMissDays: 2 };
    expect(service.setSettings({ ...service.settings(), storage }).storage).toEqual(storage);
  });

  test('a camera keeps what it learned when the file changes something else', async () => {
    const data = temporaryFolder();
    const first = await opened({ data, configuration });
    await first.service.close();
    const [camera] = configuration.cameras;
    const renamed = { ...configuration, cameras: [{ ...camera!, name: 'Gate' }] };
    const store = openStore(data);
    store.saveCamera({ ...store.cameras()[0]!, model: '/learned/3' });
    store.close();
    const second = await opened({ data, configuration: renamed });
    expect(second.service.camera('yard')!.settings.name).toBe('Gate');
    expect(second.service.store.cameras()[0]!.model).toBe('/learned/3');
  });
});

describe('cameras', () => {
  test('a password is not shown, and *** keeps it', async () => {
    const { service, id } = await watching();
    const shown = service.camera(id)!.settings;
    expect(JSON.stringify(service.cameras())).not.toContain('secret');
    await service.changeCamera(id, { ...shown, name: 'Gate' });
    expect(service.store.cameras()[0]!.settings).toMatchObject({
      name: 'Gate',
      source: { url: 'rtsp://user:secret@camera.example/stream' },
    });
  });

  test('two changes at once are both made', async () => {
    const { service, id } = await watching();
    await Promise.all([
      service.changeCamera(id, { name: 'Gate' }),
      service.changeCamera(id, { clip: { before: 1, after: 2 } }),
    ]);
    expect(service.camera(id)!.settings).toMatchObject({ name: 'Gate', clip: { before: 1 } });
  });

  test('one whose password is *** is not added', async () => {
    const { service } = await opened();
    const source = { kind: 'rtsp', url: 'rtsp://***@host/', transport: 'tcp' } as const;
    await expect(service.addCamera(settingsOf({ source }))).rejects.toThrow(/write them again/);
  });

  test('one whose model is refused is not added', async () => {
    const { service, learner } = await opened();
    learner.refused.set('/models/bad', 'weights.safetensors: is truncated');
    await expect(service.addCamera(settingsOf({ model: '/models/bad' }))).rejects.toThrow(
      'is truncated',
    );
    expect(service.cameras()).toEqual([]);
  });

  test('a change to a model that is refused changes nothing', async () => {
    const { service, decoders, learner, inference, id } = await watching();
    learner.refused.set('/models/bad', 'holds values that are no numbers');
    await expect(
      service.changeCamera(id, settingsOf({ model: '/models/bad', name: 'Gate' })),
    ).rejects.toThrow('no numbers');
    expect(inference.watched.get(id)).toBe('/models/yard');
    expect(service.camera(id)!.settings.name).toBe('Yard');
    await service.changeCamera(id, settingsOf({ model: '/models/good' }));
    decoders.last.online();
    await until('it is used', () => inference.watched.get(id) === '/models/good');
    expect(service.camera(id)!.threshold).toMatchObject({
      threshold: checkedModel.threshold.threshold,
    });
  });

  test('that one is offline goes to the webhooks that want to know', async () => {
    const { service, decoders, heard } = await opened({ configuration, grace: 50 });
    decoders.last.online();
    await until('it is told', () => heard.some(({ name }) => name === 'camera'));
    decoders.last.listener.onOffline('the camera refuses', 1000);
    await until('it is told', () =>
      heard.some((message) => message.name === 'camera' && message.data.state === 'offline'),
    );
    const bodies = service.store.outbox(Number.MAX_SAFE_INTEGER, 10).map(({ body }) => body);
    expect(bodies.map((body) => JSON.parse(body))).toMatchObject([
      { kind: 'camera', camera: { id: 'yard', state: 'offline' } },
    ]);
  });

  test('an event that is removed is told as gone', async () => {
    const { service, scoring, heard, id } = await watching();
    scoring.onScore(id, scoreOf(Date.now(), 9));
    const [event] = service.events({ limit: 1 }).events;
    expect(service.removeEvent(event!.id)).toBe(true);
    expect(heard.at(-1)).toEqual({ name: 'event removed', data: { id: event!.id } });
    expect(service.removeEvent(event!.id)).toBe(false);
  });

  test('one that is removed is gone with its events', async () => {
    const { service, scoring, heard, id } = await watching();
    const now = Date.now();
    scoring.onScore(id, scoreOf(now, 9));
    expect(service.events({ limit: 10 }).total).toBe(1);
    expect(await service.removeCamera(id)).toBe(true);
    expect(service.events({ limit: 10 }).total).toBe(0);
    expect(heard.at(-1)).toEqual({ name: 'camera removed', data: { id } });
    expect(await service.removeCamera(id)).toBe(false);
  });

  test('the page is told five scores a second at most', async () => {
    const { scoring, heard, id } = await watching();
    const end = performance.now() + 450;
    while (performance.now() < end) {
      scoring.onScore(id, scoreOf(Date.now(), 1));
      await sleep(5);
    }
    const told = heard.filter(({ name }) => name === 'score').length;
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThanOrEqual(4);
  });
});

test('a listener that throws hinders no other', async () => {
  const { service, heard, scoring, id } = await watching();
  service.listen(() => {
    throw new Error('a broken page');
  });
  const after: LiveMessage[] = [];
  service.listen((message) => after.push(message));
  scoring.onScore(id, scoreOf(Date.now(), 9));
  expect(after.some(({ name }) => name === 'event')).toBe(true);
  expect(heard.some(({ name }) => name === 'event')).toBe(true);
});

test('what a killed service left under way is ended at the next start', async () => {
  const data = temporaryFolder();
  const first = await watching({ data });
  first.decoders.last.trouble = 'it is being killed';
  first.scoring.onScore(first.id, scoreOf(5000, 9));
  const [event] = first.service.events({ limit: 1 }).events;
  await first.service.close();
  const store = openStore(data);
  store.updateEvent(event!.id, { end: null, clip: false, clipMissing: null });
  store.close();
  const second = await opened({ data });
  expect(second.service.event(event!.id)).toMatchObject({
    end: 5000,
    clip: false,
    clipMissing: 'the service was ended before it was made',
  });
});

// Room for the log of the store, which takes some megabytes.
const disk = smallDisk(24_000);
test.skipIf(!disk)(
  'on a full disk scoring goes on, events wait and it is said; it recovers',
  async () => {
    onTestFinished(() => disk!.remove());
    const { service, scoring, heard, id } = await watching({ data: disk!.folder });
    const filler = join(disk!.folder, 'filler');
    fillDisk(filler);
    const start = Date.now();
    // What the store has left in its pages takes some.
    for (let i = 0; i < 400; i++) {
      scoring.onScore(id, scoreOf(start + i * 20_000, 9));
      scoring.onScore(id, scoreOf(start + i * 20_000 + 8000, 0));
    }
    const told = heard.filter(({ name }) => name === 'event').length;
    await until('it is said', () =>
      service.status().notices.some((line) => line.startsWith('The disk is full: ')),
    );
    expect(service.camera(id)).toMatchObject({ state: 'watching', lastScore: 0 });
    expect(service.events({ limit: 1 }).total).toBeLessThan(400);
    rmSync(filler);
    await until('all is stored', () => service.events({ kind: 'alarm', limit: 1 }).total === 400);
    expect(heard.filter(({ name }) => name === 'event').length).toBeGreaterThan(told);
    await until('it is not said any more', () =>
      service.status().notices.every((line) => !line.startsWith('The disk is full: ')),
    );
  },
);

test('lost inference is told as a notice until it is back', async () => {
  const { service, scoring } = await opened();
  expect(service.ready().ready).toBe(false);
  scoring.onReady();
  expect(service.ready().ready).toBe(true);
  scoring.onLost('inference ended with SIGKILL', false);
  expect(service.status().notices).toEqual(['Scoring restarts: inference ended with SIGKILL']);
  scoring.onReady();
  expect(service.status().notices).toEqual([]);
});

test('nothing is told after the end', async () => {
  const { service, inference, scoring, heard } = await watching();
  inference.stop = async () => scoring.onLost('ended', false);
  // What changed so far was told.
  await sleep(400);
  await service.close();
  heard.length = 0;
  await sleep(400);
  expect(heard).toEqual([]);
});

test('an order that waited for the removal of its camera brings nothing of it back', async () => {
  const { service, decoders, id } = await watching();
  await service.stopCamera(id);
  const [removed, started] = await Promise.all([service.removeCamera(id), service.startCamera(id)]);
  expect(removed).toBe(true);
  expect(started).toBeUndefined();
  expect(service.store.cameras()).toEqual([]);
  expect(decoders.opened.some(({ running }) => running)).toBe(false);
});

test('inference that was given up is started again, after growing waits, for ever', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let starts = 0;
  const restarts = new InferenceRestarts(() => ({ start: () => void (starts += 1) }));
  const nothing = () => undefined;
  const listener = restarts.around({
    onScore: nothing,
    onLost: nothing,
    onReady: nothing,
    onModelFailed: nothing,
  });
  listener.onLost('it crashed', false);
  vi.advanceTimersByTime(3_600_000);
  expect(starts).toBe(0);
  for (const [i, wait] of [30_000, 60_000, 120_000].entries()) {
    listener.onLost('it crashed', true);
    vi.advanceTimersByTime(wait - 1);
    expect(starts).toBe(i);
    vi.advanceTimersByTime(1);
    expect(starts).toBe(i + 1);
  }
  restarts.stop();
  listener.onLost('it crashed', true);
  vi.runAllTimers();
  expect(starts).toBe(3);
});

test('an empty configuration sets nothing', async () => {
  const { service } = await opened();
  expect(service.settingsFromFile()).toEqual([]);
  expect(service.settings()).toEqual(serviceSettings.parse({}));
});
