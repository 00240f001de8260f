import { existsSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import type { CameraStatus } from '../../src/service/contract/camera.ts';
import type { AnomalyEvent } from '../../src/service/contract/event.ts';
import type { LiveMessage } from '../../src/service/contract/live.ts';
import { openVideo } from '../../src/video/open.ts';
import { MjpegCamera } from './decoder/mjpeg-camera.ts';
import { until } from './poll.ts';
import { runningProcess, Served } from './served.ts';
import { WebhookReceiver } from './webhook-receiver.ts';
import { inventedFootage, openService, settingsOf } from './whole-service.ts';

const invented = inventedFootage();

/** The model that the first test learned. */
const model = () => join(invented.folder, 'model');

async function countFrames(path: string): Promise<number> {
  let frames = 0;
  for await (const _ of await openVideo(path, { width: 128, height: 64, channels: 1 })) frames += 1;
  return frames;
}

/** Waits until what is asked again and again has come. */
async function eventually<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
  for (const end = Date.now() + 60_000; ; await sleep(50)) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited a minute until ${what}`);
  }
}

/** A configuration file with cameras that play footage through the model. */
async function configured(
  name: string,
  cameras: readonly Record<string, unknown>[],
  more: Record<string, unknown> = {},
): Promise<{ data: string; words: string[] }> {
  const file = join(invented.folder, `${name}.json`);
  const camera = {
    model: model(),
    budget: { alarmsPerDay: 1000, call: 'always' as const, grouping: 5 },
    clip: { before: 1, after: 1 },
  };
  const all = cameras.map((one) => ({ ...camera, ...one }));
  await writeFile(file, JSON.stringify({ ...more, cameras: all }));
  return { data: join(invented.folder, name), words: ['--config', file] };
}

test('a camera learns from a file, watches, and its events have pictures', async () => {
  const service = await openService(join(invented.folder, 'learning'));
  onTestFinished(() => service.close());
  const heard: LiveMessage[] = [];
  service.live.listen((message) => heard.push(message));
  const budget = { alarmsPerDay: 1000, grouping: 5 };
  const { id } = await service.cameras.add(settingsOf(invented, { budget }));
  const camera = () => service.cameras.status(id)!;
  await until('it trains', () => (camera().progress?.share ?? 0) > 0);
  expect(camera()).toMatchObject({ state: 'learning', progress: { phase: 'training' } });
  await until('it watches', () => camera().state === 'watching');
  await cp(join(invented.folder, 'learning', 'models', id, '1'), model(), { recursive: true });
  const whole = () =>
    service.events
      .page({ kind: 'alarm', limit: 10 })
      .events.find(({ clip, thumbnail }) => clip && thumbnail);
  await until('an event with its pictures', () => whole() !== undefined);

  const event = whole()!;
  const file = (kind: 'thumbnail' | 'heatmap' | 'clip') =>
    service.events.file(event.id, kind)!.path;
  expect((await sharp(await readFile(file('thumbnail'))).metadata()).width).toBe(128);
  expect((await sharp(await readFile(file('heatmap'))).metadata()).format).toBe('png');
  expect(await countFrames(file('clip'))).toBeGreaterThan(5);
  expect(event.regions.length).toBeGreaterThan(0);
  expect(event.peak.score).toBeGreaterThan(event.threshold);
  expect(service.cameras.picture(id)).toBeDefined();
  expect(
    service.cameras.scores(id, event.start - 5000, event.start + 5000, 100)!.threshold,
  ).not.toBeNull();
  expect(await service.metrics.text()).toContain(`m2s2l_events_total{camera="${id}"`);

  const told = heard.filter((message) => message.name === 'event').map(({ data }) => data);
  expect((told as AnomalyEvent[]).map((one) => one.id)).toContain(event.id);
  // Whether one of them has the alarm depends on how long the scene's judgement takes.
  expect(heard.some((message) => message.name === 'score')).toBe(true);
  const states = heard.flatMap((message) => (message.name === 'camera' ? message.data.state : []));
  expect(new Set(states)).toEqual(new Set(['learning', 'calibrating', 'watching']));

  const judged = service.events.judge(event.id, 'real');
  expect(judged).toMatchObject({ verdict: 'real' });
  expect(service.cameras.previewBudget(id, 1000)!.alarms.length).toBeGreaterThan(0);
  const clip = file('clip');
  expect(await service.cameras.remove(id)).toBe(true);
  await until('its files are gone', () => !existsSync(clip));
  expect(service.events.get(event.id)).toBeUndefined();
}, 180_000);

// Both mostly wait: for what is announced, and for what is missed.
test.concurrent('killed at any moment: what was announced is there, rows have their files, messages get out, nobody is left', async ({
  expect,
  onTestFinished,
}) => {
  const receiver = await new WebhookReceiver().listen();
  onTestFinished(() => receiver.close());
  const { data, words } = await configured(
    'killed',
    ['a', 'b'].map((id) => ({ id, name: id, source: { kind: 'file', path: invented.loop } })),
    { webhooks: [{ url: receiver.url, secret: 'a-secret-of-ours' }] },
  );
  const announced = new Map<string, AnomalyEvent>();
  const children = new Set<number>();
  // Nobody takes the first messages: they wait in the outbox through the kills.
  receiver.status = 503;
  for (let life = 0; life < 3; life++) {
    const served = await Served.start(data, words);
    await until('events are announced', () => served.announced.size >= 2);
    await sleep(Math.random() * 3000);
    for (const { pid } of served.children()) children.add(pid);
    await served.kill();
    for (const [id, event] of served.announced) announced.set(id, event);
  }
  receiver.status = 204;
  const served = await Served.start(data, words);
  onTestFinished(() => served.kill());
  await until('the children of those killed are gone', () =>
    [...children].every((pid) => runningProcess(pid) === undefined),
  );
  await until('an event more', () => served.announced.size >= 1);
  await eventually('the outbox is empty', async () => (await served.status()).outbox.waiting === 0);
  const stored = new Map((await served.events()).map((event) => [event.id, event]));
  for (const [id, { end }] of announced) {
    expect(stored.has(id)).toBe(true);
    if (end !== null) expect(stored.get(id)!.end).toBe(end);
  }
  for (const { id, kind } of announced.values())
    if (kind === 'alarm') expect(receiver.events).toContain(id);
  const withClip = [...stored.values()].filter(({ clip }) => clip);
  for (const { id } of withClip)
    expect(await countFrames(join(data, 'events', id, 'clip.mp4'))).toBeGreaterThan(0);
  for (const { kind, end, clip, clipMissing } of stored.values())
    if (kind === 'alarm' && end !== null && end < Date.now() - 30_000)
      expect(clip || clipMissing !== null).toBe(true);
  const last = served.children().map(({ pid }) => pid);
  expect(await served.stop()).toBe(143);
  await until('its children are gone', () =>
    last.every((pid) => runningProcess(pid) === undefined),
  );
}, 180_000);

test.concurrent('decoder and inference killed or stopped: only their cameras pause, and go on; a scene that goes dark is told', async ({
  expect,
  onTestFinished,
}) => {
  const network = await new MjpegCamera().listen();
  onTestFinished(() => network.close());
  const loop = { kind: 'file', path: invented.loop };
  const { data, words } = await configured('faults', [
    { id: 'a', name: 'a', source: loop },
    { id: 'b', name: 'b', source: loop },
    { id: 'net', name: 'net', source: network.source },
  ]);
  const served = await Served.start(data, words);
  onTestFinished(() => served.kill());
  const scoring = (id: string, more: number) => async () => {
    const before = (await served.camera(id)).counts.scored;
    await eventually(`${id} scores`, async () => {
      const { state, counts } = await served.camera(id);
      return state === 'watching' && counts.scored >= before + more;
    });
    return true;
  };
  const all = () => Promise.all(['a', 'b', 'net'].map((id) => scoring(id, 5)()));
  await all();
  const [decoder] = served.children('decoder/');
  process.kill(decoder!.pid, 'SIGKILL');
  await until('another decoder', () => {
    const now = served.children('decoder/').map(({ pid }) => pid);
    return now.length === 3 && !now.includes(decoder!.pid);
  });
  await all();
  const [inference] = served.children('inference/');
  process.kill(inference!.pid, 'SIGSTOP');
  await eventually('it is said', async () =>
    (await served.status()).notices.find((line) => line.startsWith('Scoring restarts: inference')),
  );
  await all();
  expect((await served.status()).notices).toEqual([]);
  expect(served.children('inference/').map(({ pid }) => pid)).not.toContain(inference!.pid);

  await eventually('the scene is learned', async () =>
    existsSync(join(data, 'scenes', 'net.json')),
  );
  network.picture = () =>
    sharp({ create: { width: 64, height: 48, channels: 3, background: '#000' } })
      .jpeg()
      .toBuffer();
  const changed = await eventually('it is dark', async () => {
    const status: CameraStatus = await served.camera('net');
    return status.state === 'scene changed' && status;
  });
  expect(changed.detail).toContain('learn again');
  const { total } = await served.get<{ total: number }>('/api/events?camera=net');
  await sleep(1000);
  expect(await served.get('/api/events?camera=net')).toMatchObject({ total });
  expect(await served.stop()).toBe(143);
}, 240_000);
