import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type MqttOptions, MqttPublisher } from '../../../src/service/mqtt/mqtt-publisher.ts';
import type { MqttSettings } from '../../../src/service/mqtt/topics.ts';
import { broker, listening } from './broker.ts';
import { inventedAnomaly, inventedScore, inventedStatus } from './invented.ts';

const until = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 20 });
const topics = { topic: 'm2s2l', discovery: 'homeassistant' };
const discovered = [
  'homeassistant/binary_sensor/m2s2l_door/alarm/config',
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
  const publisher = new MqttPublisher(settings, { reconnect: 50, ...options });
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
    });
    for (const topic of discovered) {
      const config = JSON.parse(newest.get(topic)!);
      expect(config).toMatchObject({
        unique_id: expect.stringMatching(/^m2s2l_door_/),
        availability_topic: 'm2s2l/status',
        device: { identifiers: ['m2s2l_door'], name: 'Front door' },
      });
      expect(config.state_topic).toMatch(/^m2s2l\/door\/(alarm|score|state)$/);
    }
    expect(told.every(({ retain }) => retain)).toBe(true);
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
    await until(() => expect(first.newest.get('m2s2l/yard/alarm')).toBe('OFF'));
    publisher.removeCamera('yard');
    const all = (seen: Map<string, string>, camera: string) =>
      [...seen].filter(([topic]) => topic.includes(camera)).map(([, payload]) => payload);
    await until(() => expect(all(first.newest, 'yard')).toEqual(['', '', '', '', '']));
    await first.close();
    await until(() => expect(publisher.state).toBe('disconnected'));
    publisher.removeCamera('door');
    const second = await broker(first.port);
    await until(() => expect(all(second.newest, 'door')).toEqual(['', '', '', '', '']));
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
    expect(second.newest.has(discovered[0]!)).toBe(true);
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
    expect(newest.size).toBe(6);
    await publisher.stop(null);
    await until(() => expect([...newest.values()]).toEqual(['', '', '', '', '', '']));
  });

  test('that asks for a password gets it, and says why where it is wrong', async () => {
    const { port } = await broker(0, 'open sesame');
    const wrong = publisherTo(port, { username: 'cameras', password: 'sesame' });
    const right = publisherTo(port, { username: 'cameras', password: 'open sesame' });
    await until(() => expect(right.state).toBe('connected'));
    await until(() => expect(wrong.lastError).toMatch(/not authorized/i));
    expect(wrong.state).toBe('disconnected');
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
