import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { MqttCommand } from '../../../src/service/mqtt/commands.ts';
import { type MqttOptions, MqttPublisher } from '../../../src/service/mqtt/mqtt-publisher.ts';
import type { MqttSettings } from '../../../src/service/mqtt/topics.ts';
import { temporaryFolders } from '../../files/temporary-folder.ts';
import { broker, listening } from './broker.ts';
import { inventedAnomaly, inventedScore, inventedStatus } from './invented.ts';

const until = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 20 });
const topics = { topic: 'm2s2l', discovery: 'homeassistant' };
const doorConfig = 'homeassistant/device/m2s2l_door/config';
/** Where version 0.1 told of a camera's entities. */
const former = [
  'homeassistant/binary_sensor/m2s2l_door/alarm/config',
  'homeassistant/image/m2s2l_door/picture/config',
  'homeassistant/sensor/m2s2l_door/score/config',
  'homeassistant/sensor/m2s2l_door/state/config',
];

let publishers: MqttPublisher[] = [];
afterEach(async () => {
  for (const publisher of publishers) await publisher.stop();
  publishers = [];
});

function publisherTo(port: number, change: Partial<MqttSettings> = {}, options?: MqttOptions) {
  const settings = { url: `mqtt://127.0.0.1:${port}`, ...topics, ...change };
  const publisher = new MqttPublisher(settings, { reconnect: 50, introduction: 50, ...options });
  publishers.push(publisher);
  publisher.start();
  return publisher;
}

describe('a broker', () => {
  test('is told of a camera as Home Assistant expects it', async () => {
    const { port, told, newest } = await broker();
    const publisher = publisherTo(port);
    publisher.camera(inventedStatus());
    await until(() => expect(newest.get('m2s2l/door/alarm')).toBe('OFF'));
    expect(publisher.state).toBe('connected');
    expect(newest.get('m2s2l/status')).toBe('online');
    expect(JSON.parse(newest.get('m2s2l/door/state')!)).toEqual({
      state: 'watching',
      since: 5,
      detail: 'watches',
      scene: null,
      threshold: 7,
      snoozedUntil: null,
    });
    expect(newest.get('m2s2l/door/snooze')).toBe('OFF');
    await until(() => expect(newest.has(doorConfig)).toBe(true));
    const config = JSON.parse(newest.get(doorConfig)!);
    expect(config).toMatchObject({
      device: { identifiers: ['m2s2l_door'], name: 'Front door' },
      origin: { name: 'm2s2l' },
    });
    // By platform and id they are those of version 0.1, so that none is doubled.
    const entities = Object.entries<Record<string, unknown>>(config.components).map(
      ([id, { platform, unique_id }]) => [
        `homeassistant/${platform}/m2s2l_door/${id}/config`,
        unique_id === `m2s2l_door_${id}`,
      ],
    );
    const since = 'homeassistant/switch/m2s2l_door/snooze/config';
    expect(entities.toSorted()).toEqual([...former, since].map((topic) => [topic, true]));
    for (const entity of Object.values<Record<string, unknown>>(config.components)) {
      expect(entity.availability).toContainEqual({ topic: 'm2s2l/status' });
      expect(entity.state_topic ?? entity.image_topic).toMatch(
        /^m2s2l\/door\/(alarm|score|state|picture|snooze)$/,
      );
    }
    expect(told.every(({ retain }) => retain)).toBe(true);
  });

  test('is told of the profile, and may ask for another and for a snooze', async () => {
    const { port, newest, send } = await broker();
    const asked: MqttCommand[] = [];
    const publisher = publisherTo(port, {}, { onCommand: (command) => void asked.push(command) });
    publisher.camera(inventedStatus({ snoozedUntil: 5 }));
    publisher.profile({ profile: 'night', by: 'clock', until: null, profiles: ['night', 'away'] });
    await until(() => expect(newest.get('m2s2l/profile')).toBe('night'));
    expect(newest.get('m2s2l/door/snooze')).toBe('ON');
    const list = JSON.parse(newest.get('homeassistant/select/m2s2l/profile/config')!);
    expect(list).toMatchObject({
      options: ['By the clock', 'None', 'night', 'away'],
      command_topic: 'm2s2l/profile/set',
    });
    const orders: [string, string][] = [
      ['m2s2l/door/snooze/set', 'ON'],
      ['m2s2l/door/snooze/set', 'morning'],
      ['m2s2l/door/snooze/set', '30'],
      ['m2s2l/door/snooze/set', 'OFF'],
      ['m2s2l/door/snooze/set', 'nonsense'],
      ['m2s2l/profile/set', 'away'],
      ['m2s2l/profile/set', 'None'],
      ['m2s2l/profile/set', 'By the clock'],
    ];
    // Its subscription may come after its first messages.
    await until(() => {
      send('m2s2l/door/snooze/set', '7');
      expect(asked.length).toBeGreaterThan(0);
    });
    for (const [topic, payload] of orders) send(topic, payload);
    const choice = { by: 'choice' as const };
    await until(() => expect(asked.at(-1)).toMatchObject({ choice: { by: 'clock' } }));
    expect(asked.slice(-7)).toEqual([
      { kind: 'snooze', camera: 'door', snooze: { for: 60 } },
      { kind: 'snooze', camera: 'door', snooze: { for: 'morning' } },
      { kind: 'snooze', camera: 'door', snooze: { for: 30 } },
      { kind: 'snooze', camera: 'door', snooze: null },
      { kind: 'profile', choice: { ...choice, profile: 'away' } },
      { kind: 'profile', choice: { ...choice, profile: null } },
      { kind: 'profile', choice: { by: 'clock' } },
    ]);
    publisher.profile({ profile: null, by: 'clock', until: null, profiles: [] });
    await until(() => expect(newest.get('m2s2l/profile')).toBe('None'));
    expect(newest.get('homeassistant/select/m2s2l/profile/config')).toBe('');
  });

  test('is told of alarms and events, and of a state only where it has changed', async () => {
    const { port, told, newest } = await broker();
    const publisher = publisherTo(port);
    await until(() => expect(publisher.state).toBe('connected'));
    const event = inventedAnomaly({ end: null });
    publisher.camera(inventedStatus());
    publisher.alarm('door', true);
    publisher.event(event);
    publisher.camera(inventedStatus({ lastScore: 9 }));
    publisher.alarm('door', true);
    publisher.event({ ...event, end: 9 });
    publisher.alarm('door', false);
    publisher.camera(inventedStatus({ state: 'offline', detail: 'is gone' }));
    await until(() => expect(newest.get('m2s2l/door/state')).toContain('offline'));
    await until(() => expect(newest.get('m2s2l/door/alarm')).toBe('OFF'));
    const of = (name: string) => told.filter(({ topic }) => topic === `m2s2l/door/${name}`);
    await until(() =>
      expect(of('event').map(({ payload }) => JSON.parse(payload))).toEqual([
        event,
        { ...event, end: 9 },
      ]),
    );
    expect(of('event').some(({ retain }) => retain)).toBe(false);
    expect(of('state').length).toBe(2);
    expect(publisher.dropped).toBe(0);
  });

  test('is told the highest score of each second', async () => {
    const { port, told } = await broker();
    const publisher = publisherTo(port);
    await until(() => expect(publisher.state).toBe('connected'));
    const scores = () => told.filter(({ topic }) => topic.endsWith('/score'));
    publisher.score(inventedScore(0, 1));
    await until(() => expect(scores().length).toBe(1));
    for (let i = 1; i <= 10; i++) publisher.score(inventedScore(i * 100, i === 4 ? 8 : 2));
    await until(() => expect(scores().length).toBe(2));
    publisher.score(inventedScore(1100, 9));
    publisher.score(inventedScore(-90_000, 3));
    await until(() => expect(scores().length).toBe(3));
    expect(scores().map(({ payload }) => JSON.parse(payload).score)).toEqual([1, 8, 9]);
    expect(JSON.parse(scores()[1]!.payload)).toEqual({
      score: 8,
      appearance: 8,
      motion: 0,
      threshold: 7,
      time: 400,
    });
  });

  test('is told of a camera that is removed, even where it was away then', async () => {
    const first = await broker();
    const publisher = publisherTo(first.port);
    publisher.camera(inventedStatus());
    publisher.camera(inventedStatus({ id: 'yard' }));
    const yardConfig = 'homeassistant/device/m2s2l_yard/config';
    await until(() => expect(first.newest.get(yardConfig)).toContain('m2s2l_yard'));
    publisher.removeCamera('yard');
    const all = (seen: Map<string, string>, camera: string) =>
      [...seen].filter(([topic]) => topic.includes(camera)).map(([, payload]) => payload);
    await until(() => expect(all(first.newest, 'yard')).toEqual(Array(6).fill('')));
    await first.close();
    await until(() => expect(publisher.state).toBe('disconnected'));
    publisher.removeCamera('door');
    const second = await broker(first.port);
    await until(() => expect(all(second.newest, 'door')).toEqual(Array(6).fill('')));
  });

  test('that goes away and comes back has the newest states, and no old events', async () => {
    const first = await broker();
    const publisher = publisherTo(first.port);
    publisher.camera(inventedStatus());
    await until(() => expect(first.newest.get('m2s2l/door/alarm')).toBe('OFF'));
    await first.close();
    await until(() => expect(publisher.state).toBe('disconnected'));
    for (let i = 0; i < 1000; i++) {
      publisher.camera(inventedStatus({ detail: `detail ${i}` }));
      publisher.event(inventedAnomaly());
      publisher.score(inventedScore(i * 1000, 1));
    }
    publisher.alarm('door', true);
    expect([publisher.dropped, publisher.waiting]).toEqual([1000, 0]);
    await until(() => expect(publisher.lastError).toContain('ECONNREFUSED'));
    const second = await broker(first.port);
    await until(() => expect(second.newest.get('m2s2l/door/alarm')).toBe('ON'));
    expect(publisher.lastError).toBeNull();
    expect(second.newest.get('m2s2l/door/state')).toContain('detail 999');
    await until(() => expect(second.newest.has(doorConfig)).toBe(true));
    expect(second.told.some(({ topic }) => /\/(event|score)$/.test(topic))).toBe(false);
  });

  test('is told that the service is gone, when it ends and when it is killed', async () => {
    const { port, newest } = await broker();
    const publisher = publisherTo(port);
    await until(() => expect(newest.get('m2s2l/status')).toBe('online'));
    await publisher.stop();
    await until(() => expect(newest.get('m2s2l/status')).toBe('offline'));
    const program = fileURLToPath(new URL('./publishing.ts', import.meta.url));
    const child = spawn(process.execPath, [program, `mqtt://127.0.0.1:${port}`]);
    onTestFinished(() => void child.kill('SIGKILL'));
    await until(() => expect(newest.get('m2s2l/status')).toBe('online'));
    child.kill('SIGKILL');
    await until(() => expect(newest.get('m2s2l/status')).toBe('offline'));
  });

  test('keeps nothing of topics that are given up', async () => {
    const { port, newest } = await broker();
    const publisher = publisherTo(port);
    publisher.camera(inventedStatus());
    await until(() => expect(newest.get('m2s2l/door/alarm')).toBe('OFF'));
    publisher.picture({ camera: 'door', start: 1 }, Buffer.from('jpeg'));
    await until(() => expect(newest.get('m2s2l/door/picture')).toBe('jpeg'));
    await until(() => expect(newest.has(doorConfig)).toBe(true));
    expect(newest.size).toBe(7);
    await publisher.stop(null);
    await until(() => expect([...newest.values()]).toEqual(Array(7).fill('')));
  });

  test('that asks for a password gets it, and says why where it is wrong', async () => {
    const { port } = await broker(0, 'open sesame');
    const wrong = publisherTo(port, { username: 'cameras', password: 'sesame' });
    const right = publisherTo(port, { username: 'cameras', password: 'open sesame' });
    await until(() => expect(right.state).toBe('connected'));
    await until(() =>
      expect(wrong.lastError).toMatch(
        /^the broker refuses the user or the password \(.*not authorized/i,
      ),
    );
    expect(wrong.state).toBe('disconnected');
  });

  test('is told that no alarm means nothing while a camera is not watched', async () => {
    const { port, newest } = await broker();
    const publisher = publisherTo(port);
    publisher.camera(inventedStatus({ state: 'watching' }));
    await until(() => expect(newest.get('m2s2l/door/availability')).toBe('online'));
    for (const state of ['stopped', 'offline', 'scene changed', 'learning'] as const) {
      publisher.camera(inventedStatus({ state: 'watching' }));
      await until(() => expect(newest.get('m2s2l/door/availability')).toBe('online'));
      publisher.camera(inventedStatus({ state }));
      await until(() => expect(newest.get('m2s2l/door/availability')).toBe('offline'));
    }
    await until(() => expect(newest.has(doorConfig)).toBe(true));
    const { alarm, score, state } = JSON.parse(newest.get(doorConfig)!).components;
    for (const entity of [alarm, score])
      expect(entity).toMatchObject({
        availability: [{ topic: 'm2s2l/status' }, { topic: 'm2s2l/door/availability' }],
        availability_mode: 'all',
      });
    // That it is stopped must show.
    expect(state.availability).toEqual([{ topic: 'm2s2l/status' }]);
  });

  test('is told the picture of the latest event, and where the page is', async () => {
    const { port, told, newest } = await broker();
    const publisher = publisherTo(port, {}, { page: 'https://example.org/cameras/' });
    publisher.camera(inventedStatus());
    publisher.picture({ camera: 'door', start: 5 }, Buffer.from('latest'));
    publisher.picture({ camera: 'door', start: 4 }, Buffer.from('older'));
    publisher.picture({ camera: 'gone', start: 9 }, Buffer.from('of no camera'));
    await until(() => expect(newest.get('m2s2l/door/picture')).toBe('latest'));
    publisher.alarm('door', true);
    await until(() => expect(newest.get('m2s2l/door/alarm')).toBe('ON'));
    const pictures = told.filter(({ topic }) => topic.endsWith('/picture'));
    expect(pictures.every(({ payload, retain }) => payload === 'latest' && retain)).toBe(true);
    await until(() => expect(newest.has(doorConfig)).toBe(true));
    const { device, components } = JSON.parse(newest.get(doorConfig)!);
    expect(device.configuration_url).toBe('https://example.org/cameras/cameras/door');
    expect(components.picture).toMatchObject({
      image_topic: 'm2s2l/door/picture',
      content_type: 'image/jpeg',
    });
    expect(components.score.json_attributes_template).not.toContain('time');
  });
});

describe('configs of single entities that version 0.1 left', () => {
  const ofDoor = (sent: readonly { topic: string; payload: string }[]) =>
    sent.filter(({ topic }) => topic.startsWith('homeassistant/'));

  test('make room for that of the device and go, once', async () => {
    const { port, arrived, newest, leave } = await broker();
    for (const topic of former) await leave(topic, '{"name":"of version 0.1"}');
    await leave('homeassistant/sensor/m2s2l_yard/state/config', '{"name":"of another camera"}');
    const publisher = publisherTo(port, {}, { introduction: 500 });
    publisher.camera(inventedStatus());
    await until(() => expect(former.map((topic) => newest.get(topic))).toEqual(Array(4).fill('')));
    const messages = ofDoor(arrived);
    const place = messages.findIndex(({ topic }) => topic === doorConfig);
    const topicsOf = (part: typeof messages) => part.map(({ topic }) => topic).toSorted();
    expect(topicsOf(messages.slice(0, place))).toEqual(former);
    for (const { payload } of messages.slice(0, place))
      expect(JSON.parse(payload)).toEqual({ migrate_discovery: true });
    expect(topicsOf(messages.slice(place + 1))).toEqual(former);
    await publisher.stop();
    arrived.length = 0;
    publisherTo(port).camera(inventedStatus());
    await until(() => expect(ofDoor(arrived).map(({ topic }) => topic)).toEqual([doorConfig]));
  });

  test('that come late, make room for that of the device, too', async () => {
    const { port, arrived, newest, leave } = await broker();
    const [alarm] = former;
    publisherTo(port).camera(inventedStatus());
    await until(() => expect(newest.has(doorConfig)).toBe(true));
    arrived.length = 0;
    // As a broker that is slow tells of what it kept.
    await leave(alarm!, '{"name":"of version 0.1"}', { asKept: true });
    await until(() => expect(newest.get(alarm!)).toBe(''));
    expect(ofDoor(arrived).map(({ topic }) => topic)).toEqual([alarm, doorConfig, alarm]);
  });

  test('go with a camera that was removed while the broker was away', async () => {
    const { port, arrived, newest, leave } = await broker();
    for (const topic of former) await leave(topic, '{"name":"of version 0.1"}');
    const publisher = publisherTo(port, {}, { introduction: 500 });
    publisher.camera(inventedStatus());
    publisher.removeCamera('door');
    await until(() => expect(former.map((topic) => newest.get(topic))).toEqual(Array(4).fill('')));
    expect(ofDoor(arrived).every(({ payload }) => payload === '')).toBe(true);
  });
});

test('a broker that never answers holds nothing up, and is tried again', async () => {
  let attempts = 0;
  const { port } = await listening(createServer(() => void attempts++));
  const publisher = publisherTo(port, {}, { timeout: 200 });
  publisher.camera(inventedStatus());
  await until(() => expect(attempts).toBeGreaterThanOrEqual(2));
  publisher.event(inventedAnomaly());
  expect(publisher.state).toBe('disconnected');
  expect([publisher.dropped, publisher.waiting]).toEqual([1, 0]);
});

test('a broker that stops reading gets the newest of each topic at most, and a hundred events', async () => {
  const { port } = await listening(
    createServer((socket) =>
      socket.once('data', () => {
        // CONNACK: accepted.
        socket.write(Uint8Array.of(0x20, 2, 0, 0));
        socket.pause();
      }),
    ),
  );
  const publisher = publisherTo(port);
  await until(() => expect(publisher.state).toBe('connected'));
  publisher.camera(inventedStatus());
  const large = inventedAnomaly({ clipMissing: 'x'.repeat(20_000) });
  await until(() => {
    for (let i = 0; i < 100; i++) publisher.event(large);
    expect(publisher.dropped).toBeGreaterThan(1000);
  });
  publisher.alarm('door', true);
  publisher.alarm('door', false);
  for (let i = 0; i < 100; i++) publisher.score(inventedScore(i * 1000, 1));
  expect(publisher.waiting).toBeLessThanOrEqual(102);
});

const opensslIsHere = spawnSync('openssl', ['version']).status === 0;
if (!opensslIsHere) console.warn('openssl is not installed: the tests of TLS are left out');

describe.runIf(opensslIsHere)('a broker with a certificate', () => {
  const temporary = temporaryFolders();
  let folder: string;
  let tls: { key: string; cert: string };
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });

  /** A certificate for 127.0.0.1 by an authority of its own. */
  beforeEach(async () => {
    folder = await temporary();
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-subj',
      '/CN=authority',
    );
    openssl('req', ...key, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=broker');
    writeFileSync(join(folder, 'names'), 'subjectAltName=IP:127.0.0.1');
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names'];
    openssl('x509', '-req', '-in', 'request.pem', '-out', 'cert.pem', ...signed);
    tls = { key: read('key.pem'), cert: read('cert.pem') };
  });
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');

  test('of an authority that is given is connected, by its text or its file', async () => {
    const { port } = await broker(0, 'open sesame', tls);
    const login = {
      url: `mqtts://127.0.0.1:${port}`,
      username: 'cameras',
      password: 'open sesame',
    };
    const byText = publisherTo(port, { ...login, ca: read('ca.pem') });
    const byFile = publisherTo(port, { ...login, ca: join(folder, 'ca.pem') });
    await until(() => expect([byText.state, byFile.state]).toEqual(['connected', 'connected']));
  });

  test('of an unknown one is not, and why is said', async () => {
    const { port } = await broker(0, undefined, tls);
    const publisher = publisherTo(port, { url: `mqtts://127.0.0.1:${port}` });
    await until(() =>
      expect(publisher.lastError).toMatch(/of no authority that is known here; set "ca"/),
    );
    expect(publisher.state).toBe('disconnected');
  });

  test('is waited for where the file of its authority comes later', async () => {
    const { port } = await broker(0, undefined, tls);
    const late = join(folder, 'late.pem');
    const publisher = publisherTo(port, { url: `mqtts://127.0.0.1:${port}`, ca: late });
    await until(() => expect(publisher.lastError).toContain('late.pem cannot be read (ENOENT)'));
    writeFileSync(late, 'no certificate');
    await until(() => expect(publisher.lastError).toContain('holds no certificate in PEM'));
    writeFileSync(late, read('ca.pem'));
    await until(() => expect(publisher.state).toBe('connected'));
    expect(publisher.lastError).toBeNull();
  });

  test('that is asked without TLS, and one without it that is asked for it, are told', async () => {
    const secure = await broker(0, undefined, tls);
    const plain = await broker();
    const one = publisherTo(secure.port, {}, { timeout: 500 });
    const other = publisherTo(plain.port, { url: `mqtts://127.0.0.1:${plain.port}` });
    await until(() => expect(one.lastError).not.toBeNull());
    await until(() => expect(other.lastError).not.toBeNull());
    expect([one.state, other.state]).toEqual(['disconnected', 'disconnected']);
  });
});
