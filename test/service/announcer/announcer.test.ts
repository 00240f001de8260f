import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { Announcer } from '../../../src/service/announcer/announcer.ts';
import { LiveMessages } from '../../../src/service/announcer/live-messages.ts';
import type { CameraStatus } from '../../../src/service/contract/camera.ts';
import type { LiveMessage } from '../../../src/service/contract/live.ts';
import { serviceSettings } from '../../../src/service/contract/settings.ts';
import { SentStates } from '../../../src/service/outbox/sent-states.ts';
import { StoreFull } from '../../../src/service/parts.ts';
import { inventedAnomaly, inventedScore, inventedStatus } from '../mqtt/invented.ts';

beforeEach(() => void vi.useFakeTimers());

/** An announcer of one camera, with what each of its audience was told. */
function announcing() {
  const told = {
    page: [] as LiveMessage[],
    mqtt: [] as unknown[][],
    outbox: [] as { url: string; kind: string; state?: string }[],
    wakes: 0,
    logged: [] as object[],
  };
  const world = {
    camera: inventedStatus() as CameraStatus | undefined,
    alarm: false,
    full: false,
    channels: undefined as readonly string[] | undefined,
    thumbnail: undefined as Buffer | undefined,
  };
  const page = new LiveMessages((error) => {
    throw error;
  });
  page.listen((message) => told.page.push(message));
  const record =
    (name: string) =>
    (...values: unknown[]) =>
      void told.mqtt.push([name, ...values]);
  const { webhooks } = serviceSettings.parse({
    webhooks: [
      { url: 'http://alarms.example/', secret: 'a-secret-of-ours' },
      { url: 'http://named.example/', secret: 'a-secret-of-ours', name: 'guard' },
      { url: 'http://cameras.example/', secret: 'a-secret-of-ours', kinds: ['camera'] },
    ],
  });
  function addMessages(messages: readonly { readonly url: string; readonly body: string }[]): void {
    if (world.full) throw new StoreFull('the disk is full');
    for (const { url, body } of messages) {
      const { kind, camera } = JSON.parse(body);
      told.outbox.push({ url, kind, state: camera?.state });
    }
  }
  const announcer = new Announcer(
    {
      profile: () => ({ profile: null, by: 'clock', until: null, profiles: [] }),
      cameraIds: () => ['door'],
      camera: () => world.camera,
      alarm: () => world.alarm,
      webhooks: () => webhooks,
      channels: () => world.channels,
      notifications: () => [],
      thumbnail: async () => world.thumbnail,
    },
    {
      page,
      mqtt: {
        camera: record('camera'),
        removeCamera: record('removeCamera'),
        alarm: record('alarm'),
        score: record('score'),
        event: record('event'),
        picture: record('picture'),
        profile: record('profile'),
      },
      outbox: { addMessages },
      webhooks: { wake: () => void (told.wakes += 1) },
      states: new SentStates({
        sentStates: () => new Map(),
        saveSentState: (_camera, _state, messages) => addMessages(messages),
      }),
      log: { warn: (fields) => void told.logged.push(fields) },
    },
  );
  onTestFinished(() => {
    announcer.stop();
    vi.useRealTimers();
  });
  return { announcer, told, world };
}

const names = (told: { readonly page: readonly LiveMessage[] }) =>
  told.page.map(({ name }) => name);

test('an alarm goes to the page, to MQTT, and to the webhooks of alarms', () => {
  const { announcer, told } = announcing();
  const alarm = inventedAnomaly({ kind: 'alarm' });
  expect(announcer.messagesOf(alarm, 'start').map(({ url }) => url)).toEqual([
    'http://alarms.example/',
    'http://named.example/',
  ]);
  announcer.event(alarm);
  expect(told.page).toEqual([{ name: 'event', data: alarm }]);
  expect(told.mqtt).toEqual([['event', alarm]]);
  expect(told.wakes).toBe(1);
});

test('the picture of an alarm goes to MQTT once it is stored', async () => {
  const { announcer, told, world } = announcing();
  const alarm = inventedAnomaly({ kind: 'alarm', thumbnail: true });
  announcer.event(alarm);
  await vi.advanceTimersByTimeAsync(0);
  expect(told.mqtt).toEqual([['event', alarm]]);
  world.thumbnail = Buffer.from('a JPEG');
  announcer.event(alarm);
  await vi.advanceTimersByTimeAsync(0);
  expect(told.mqtt.slice(1)).toEqual([
    ['event', alarm],
    ['picture', alarm, world.thumbnail],
  ]);
});

test('a near miss goes to the page alone', () => {
  const { announcer, told } = announcing();
  const nearMiss = inventedAnomaly({ kind: 'near miss' });
  expect(announcer.messagesOf(nearMiss, 'start')).toEqual([]);
  announcer.event(nearMiss);
  expect(names(told)).toEqual(['event']);
  expect(told.mqtt).toEqual([]);
});

test('a score goes to the page and to MQTT', () => {
  const { announcer, told } = announcing();
  const score = inventedScore(1, 2);
  announcer.score(score);
  expect(told.page).toEqual([{ name: 'score', data: score }]);
  expect(told.mqtt).toEqual([['score', score]]);
});

test('changes of a camera within a moment are announced once, as it is by then', () => {
  const { announcer, told, world } = announcing();
  announcer.cameraChanged('door');
  announcer.cameraChanged('door');
  expect(told.page).toEqual([]);
  world.camera = inventedStatus({ detail: 'later' });
  world.alarm = true;
  vi.advanceTimersByTime(250);
  expect(told.page).toEqual([{ name: 'camera', data: world.camera }]);
  expect(told.mqtt).toEqual([
    ['camera', world.camera],
    ['alarm', 'door', true],
  ]);
});

test('another state of a camera goes to the webhooks of cameras; its first state, and the same again, do not', () => {
  const { announcer, told, world } = announcing();
  const changed = (state: CameraStatus['state']) => {
    world.camera = inventedStatus({ state });
    announcer.cameraChanged('door');
    vi.advanceTimersByTime(250);
  };
  changed('watching');
  changed('watching');
  expect(told.outbox).toEqual([]);
  changed('offline');
  expect(told.outbox).toEqual([
    { url: 'http://cameras.example/', kind: 'camera', state: 'offline' },
  ]);
  expect(told.wakes).toBe(1);
  world.full = true;
  changed('watching');
  expect(names(told)).toEqual(['camera', 'camera', 'camera', 'camera']);
});

test('a camera that is removed is removed from the page and from MQTT, and webhooks hear of it', () => {
  const { announcer, told, world } = announcing();
  announcer.cameraChanged('door');
  world.camera = undefined;
  announcer.cameraRemoved({ id: 'door', name: 'Door' });
  vi.advanceTimersByTime(250);
  expect(told.page).toEqual([{ name: 'camera removed', data: { id: 'door' } }]);
  expect(told.mqtt).toEqual([['removeCamera', 'door']]);
  expect(told.outbox).toEqual([{ url: 'http://cameras.example/', kind: 'camera removed' }]);
  expect(told.wakes).toBe(1);
});

test('every camera is announced each five seconds, for its counts', () => {
  const { announcer, told } = announcing();
  for (let second = 0; second < 10; second++) {
    announcer.tick();
    vi.advanceTimersByTime(1000);
  }
  expect(names(told)).toEqual(['camera', 'camera']);
});

test('notices go to the page when they change, and into the log', () => {
  const { announcer, told } = announcing();
  announcer.notices.set('files', 'The disk is nearly full');
  announcer.notices.set('files', 'The disk is nearly full');
  announcer.notices.set('files');
  expect(told.page).toEqual([
    { name: 'notices', data: ['The disk is nearly full'] },
    { name: 'notices', data: [] },
  ]);
  expect(told.logged).toEqual([{ notices: ['The disk is nearly full'] }]);
});

test('nothing is announced after the end', () => {
  const { announcer, told } = announcing();
  announcer.cameraChanged('door');
  announcer.stop();
  vi.advanceTimersByTime(1000);
  expect(told.page).toEqual([]);
});

test('a profile names the webhooks that are told; who heard of the start hears of the end', () => {
  const { announcer, world } = announcing();
  const urls = (id: string, end: number | null) =>
    announcer
      .messagesOf(inventedAnomaly({ id, end }), end === null ? 'start' : 'end')
      .map(({ url }) => url);
  const [unnamed, named] = ['http://alarms.example/', 'http://named.example/'];
  expect(urls('a', null)).toEqual([unnamed, named]);
  world.channels = ['guard', 'phone'];
  expect(urls('b', null)).toEqual([named]);
  expect(urls('a', 9)).toEqual([unnamed, named]);
  world.channels = ['webhooks'];
  expect(urls('c', null)).toEqual([unnamed]);
  expect(urls('b', 9)).toEqual([named]);
  world.channels = undefined;
  expect(urls('b', 9)).toEqual([unnamed, named]);
});
