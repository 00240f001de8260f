import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SetInFile } from '../../src/service/config/set-in-file.ts';
import type { CameraSettingsInput } from '../../src/service/contract/camera.ts';
import type { LiveMessage } from '../../src/service/contract/live.ts';
import { configurationFile, serviceSettings } from '../../src/service/contract/settings.ts';
import type { InferenceListener } from '../../src/service/parts.ts';
import { Service, type ServiceOptions } from '../../src/service/service.ts';
import { openStore } from '../../src/service/store/sqlite/open-store.ts';
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
  service.live.listen((message) => heard.push(message));
  return { service, decoders, inference, learner, heard, scoring: scoring! };
}

/** A service with one camera that watches. */
async function watching(
  options: Partial<ServiceOptions> = {},
  settings: Partial<CameraSettingsInput> = {},
) {
  const at = await opened(options);
  const { id } = await at.service.cameras.add(settingsOf({ model: '/models/yard', ...settings }));
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
    service.settings.set({ ...service.settings.current(), mqtt });
  };
  const kept = () => [...newest].filter(([, payload]) => payload !== '').map(([topic]) => topic);
  tell({});
  await until('it is told', () => kept().length === 7);
  const before = kept();
  tell({ username: 'anyone' });
  const gone = () => told.findIndex(({ payload }) => payload === 'offline');
  await until('it is told again', () => gone() > 0 && told.length > gone() + before.length);
  expect(kept()).toEqual(before);
  tell({ topic: 'garden' });
  await until('it is told elsewhere', () => newest.get('garden/status') === 'online');
  const moved = before.map((topic) => topic.replace('house', 'garden')).sort();
  await until('nothing else is left', () => `${kept().sort()}` === `${moved}`);
  service.settings.set({ ...service.settings.current(), mqtt: null });
  await until('nothing is left', () => kept().length === 0);
});

test('a broker is told of scores, alarms and cameras, and a removed camera leaves nothing there', async () => {
  const { port, told, newest } = await broker();
  const { service, scoring, id } = await watching();
  const mqtt = { url: `mqtt://127.0.0.1:${port}`, topic: 'house', discovery: 'found' };
  service.settings.set({ ...service.settings.current(), mqtt });
  const kept = () => [...newest].filter(([, payload]) => payload !== '').map(([topic]) => topic);
  await until('the camera is there', () => kept().length === 7);
  const discovered = kept().filter((topic) => topic.startsWith('found/'));
  expect(discovered).toEqual([expect.stringMatching(/^found\/device\//)]);
  const now = Date.now();
  scoring.onScore(id, scoreOf(now, 9));
  await until('its score is told', () => newest.has(`house/${id}/score`));
  await until('its event is told', () => newest.has(`house/${id}/event`));
  await until('its alarm is on', () => newest.get(`house/${id}/alarm`) === 'ON');
  scoring.onScore(id, scoreOf(now + 8000, 0));
  await until('its alarm is off', () => newest.get(`house/${id}/alarm`) === 'OFF');
  const events = () => told.filter(({ topic }) => topic === `house/${id}/event`).length;
  await until('its end is told', () => newest.get(`house/${id}/event`)!.includes('"end":1'));
  const before = events();
  scoring.onScore(id, scoreOf(now + 20_000, 4.5));
  scoring.onScore(id, scoreOf(now + 30_000, 0));
  expect(service.events.page({ kind: 'near miss', limit: 9 }).total).toBe(1);
  // The broker hears of a score only some times a second; this one comes after the near miss.
  let later = now + 40_000;
  await until('a later score is told', () => {
    scoring.onScore(id, scoreOf((later += 1000), 0.125));
    return newest.get(`house/${id}/score`)!.includes('0.125');
  });
  expect(events()).toBe(before);
  await service.cameras.remove(id);
  await until('nothing of it is left', () =>
    kept().every(
      (topic) =>
        ['house/status', 'house/profile'].includes(topic) || /\/(score|event)$/.test(topic),
    ),
  );
});

test('an alarm is stored with its messages to webhooks, a near miss without any', async () => {
  const webhooks = [{ url: 'http://127.0.0.1:1/', secret: 'a-secret-of-ours' }];
  const { service, scoring, id } = await watching({
    configuration: configurationFile.parse({ webhooks }),
  });
  const messages = () => service.store.outbox(Number.MAX_SAFE_INTEGER, 10);
  const start = Date.now();
  scoring.onScore(id, scoreOf(start, 4.5));
  scoring.onScore(id, scoreOf(start + 8000, 0));
  expect(service.events.page({ kind: 'near miss', limit: 9 }).total).toBe(1);
  expect(messages()).toEqual([]);
  scoring.onScore(id, scoreOf(start + 20_000, 9));
  expect(messages().map(({ body }) => JSON.parse(body))).toMatchObject([{ kind: 'alarm' }]);
  expect(await service.metrics.text()).toContain(
    `m2s2l_events_total{camera="${id}",name="Yard",kind="alarm"} 1`,
  );
});

describe('the configuration file', () => {
  test('its cameras are there, and can be changed only in it', async () => {
    const { service, learner } = await opened({ configuration });
    expect(service.cameras.status('yard')).toMatchObject({ fromFile: true, state: 'watching' });
    await expect(service.cameras.change('yard', settingsOf())).rejects.toThrow(SetInFile);
    await expect(service.cameras.remove('yard')).rejects.toThrow(SetInFile);
    expect(await service.cameras.stop('yard')).toMatchObject({ state: 'stopped' });
    expect(learner.jobs).toHaveLength(0);
  });

  test('its settings hold, and can be changed only in it; the others can', async () => {
    const { service } = await opened({ configuration });
    expect(service.settings.fromFile()).toEqual(['webhooks']);
    expect(service.settings.current().webhooks).toHaveLength(1);
    const other = { ...service.settings.current(), webhooks: [] };
    expect(() => service.settings.set(other)).toThrow(SetInFile);
    const storage = { maxBytes: 20_000_000, nearMissDays: 2 };
    expect(service.settings.set({ ...service.settings.current(), storage }).storage).toEqual(
      storage,
    );
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
    expect(second.service.cameras.status('yard')!.settings.name).toBe('Gate');
    expect(second.service.store.cameras()[0]!.model).toBe('/learned/3');
  });
});

describe('cameras', () => {
  test('a password is not shown, and *** keeps it', async () => {
    const { service, id } = await watching();
    const shown = service.cameras.status(id)!.settings;
    expect(JSON.stringify(service.cameras.all())).not.toContain('secret');
    await service.cameras.change(id, { ...shown, name: 'Gate' });
    expect(service.store.cameras()[0]!.settings).toMatchObject({
      name: 'Gate',
      source: { url: 'rtsp://user:secret@camera.example/stream' },
    });
  });

  test('two changes at once are both made', async () => {
    const { service, id } = await watching();
    await Promise.all([
      service.cameras.change(id, { name: 'Gate' }),
      service.cameras.change(id, { clip: { before: 1, after: 2 } }),
    ]);
    expect(service.cameras.status(id)!.settings).toMatchObject({
      name: 'Gate',
      clip: { before: 1 },
    });
  });

  test('one whose password is *** is not added', async () => {
    const { service } = await opened();
    const source = { kind: 'rtsp', url: 'rtsp://***@host/', transport: 'tcp' } as const;
    await expect(service.cameras.add(settingsOf({ source }))).rejects.toThrow(/write them again/);
  });

  test('one whose model is refused is not added', async () => {
    const { service, learner } = await opened();
    learner.refused.set('/models/bad', 'weights.safetensors: is truncated');
    await expect(service.cameras.add(settingsOf({ model: '/models/bad' }))).rejects.toThrow(
      'is truncated',
    );
    expect(service.cameras.all()).toEqual([]);
  });

  test('a change to a model that is refused changes nothing', async () => {
    const { service, decoders, learner, inference, id } = await watching();
    learner.refused.set('/models/bad', 'holds values that are no numbers');
    await expect(
      service.cameras.change(id, settingsOf({ model: '/models/bad', name: 'Gate' })),
    ).rejects.toThrow('no numbers');
    expect(inference.watched.get(id)).toBe('/models/yard');
    expect(service.cameras.status(id)!.settings.name).toBe('Yard');
    await service.cameras.change(id, settingsOf({ model: '/models/good' }));
    decoders.last.online();
    await until('it is used', () => inference.watched.get(id) === '/models/good');
    expect(service.cameras.status(id)!.threshold).toMatchObject({
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
    const [event] = service.events.page({ limit: 1 }).events;
    expect(service.events.remove(event!.id)).toBe(true);
    expect(heard.at(-1)).toEqual({ name: 'event removed', data: { id: event!.id } });
    expect(service.events.remove(event!.id)).toBe(false);
  });

  test('one that is removed is gone with its events', async () => {
    const { service, scoring, heard, id } = await watching();
    const now = Date.now();
    scoring.onScore(id, scoreOf(now, 9));
    expect(service.events.page({ limit: 10 }).total).toBe(1);
    expect(await service.cameras.remove(id)).toBe(true);
    expect(service.events.page({ limit: 10 }).total).toBe(0);
    expect(heard.at(-1)).toEqual({ name: 'camera removed', data: { id } });
    expect(await service.cameras.remove(id)).toBe(false);
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
  service.live.listen(() => {
    throw new Error('a broken page');
  });
  const after: LiveMessage[] = [];
  service.live.listen((message) => after.push(message));
  scoring.onScore(id, scoreOf(Date.now(), 9));
  expect(after.some(({ name }) => name === 'event')).toBe(true);
  expect(heard.some(({ name }) => name === 'event')).toBe(true);
});

test('what a killed service left under way is ended at the next start', async () => {
  const data = temporaryFolder();
  const first = await watching({ data });
  first.decoders.last.trouble = 'it is being killed';
  first.scoring.onScore(first.id, scoreOf(5000, 9));
  const [event] = first.service.events.page({ limit: 1 }).events;
  await first.service.close();
  const store = openStore(data);
  store.updateEvent(event!.id, { end: null, clip: false, clipMissing: null });
  store.close();
  const second = await opened({ data });
  expect(second.service.events.get(event!.id)).toMatchObject({
    end: 5000,
    clip: false,
    clipMissing: 'the service was ended before it was made',
  });
});

// Room for the log of the store, which takes some megabytes.
const disk = smallDisk(24_000);
test.skipIf(!disk)(
  'on a full disk scoring goes on, events wait and it is said; it recovers (needs a root that may mount a tmpfs)',
  async () => {
    onTestFinished(() => disk!.remove());
    const { service, scoring, heard, id } = await watching(
      { data: disk!.folder },
      { budget: { alarmsPerDay: 1000, call: 'always', grouping: 5 } },
    );
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
      service.health.status().notices.some((line) => line.startsWith('The disk is full: ')),
    );
    expect(service.cameras.status(id)).toMatchObject({ state: 'watching', lastScore: 0 });
    expect(service.events.page({ limit: 1 }).total).toBeLessThan(400);
    rmSync(filler);
    await until(
      'all is stored',
      () => service.events.page({ kind: 'alarm', limit: 1 }).total === 400,
    );
    expect(heard.filter(({ name }) => name === 'event').length).toBeGreaterThan(told);
    await until('it is not said any more', () =>
      service.health.status().notices.every((line) => !line.startsWith('The disk is full: ')),
    );
  },
);

test('lost inference is told as a notice until it is back', async () => {
  const { service, scoring } = await opened();
  expect(service.health.ready().ready).toBe(false);
  scoring.onReady();
  expect(service.health.ready().ready).toBe(true);
  scoring.onLost('inference ended with SIGKILL', false);
  expect(service.health.status().notices).toEqual([
    'Scoring restarts: inference ended with SIGKILL',
  ]);
  scoring.onReady();
  expect(service.health.status().notices).toEqual([]);
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
  await service.cameras.stop(id);
  const [removed, started] = await Promise.all([
    service.cameras.remove(id),
    service.cameras.resume(id),
  ]);
  expect(removed).toBe(true);
  expect(started).toBeUndefined();
  expect(service.store.cameras()).toEqual([]);
  expect(decoders.opened.some(({ running }) => running)).toBe(false);
});

test('an empty configuration sets nothing', async () => {
  const { service } = await opened();
  expect(service.settings.fromFile()).toEqual([]);
  expect(service.settings.current()).toEqual(serviceSettings.parse({}));
});
