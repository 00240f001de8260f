/**
 * Eight cameras for half an hour, with faults injected all along; prints what became of it.
 *
 *     node scripts/soak.ts [--minutes 30] [--workers N [--cameras 24]]
 *
 * With --workers a fleet of so many worker processes on one PostgreSQL has the cameras.
 * Exit code 1 where an event was lost, or a process is left behind.
 */

import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { CameraStatus } from '../src/service/contract/camera.ts';
import { MjpegCamera } from '../test/service/decoder/mjpeg-camera.ts';
import { remux } from '../test/service/decoder/remux.ts';
import { RtspRelay } from '../test/service/decoder/rtsp-relay.ts';
import { descendants, runningProcess, Served } from '../test/service/served.ts';
import { WebhookReceiver } from '../test/service/webhook-receiver.ts';
import { size } from '../test/service/whole-service.ts';
import { jpeg } from '../test/video/footage.ts';
import { soakFleet } from './soak/fleet.ts';
import { learnedModel } from './soak/learned-model.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    workers: { type: 'string' },
    cameras: { type: 'string', default: '24' },
  },
});
const duration = 60_000 * Number(values.minutes);
if (values.workers !== undefined)
  process.exit(await soakFleet(Number(values.workers), Number(values.cameras), duration));

/** Cameras that play a file, and cameras of JPEGs over HTTP; the last one is RTSP. */
const FILES = 4;
const HTTP = 3;

/** Share of the time after which memory counts. */
const WARM_UP = 0.2;

/** Share of the time without faults before each measurement: processes that are new are small. */
const CALM = 0.15;

/** Milliseconds between two faults. */
const FAULT_EVERY = 15_000;

const folder = await mkdtemp(join(tmpdir(), 'm2s2l-soak-'));
process.env.M2S2L_CACHE = join(folder, 'cache');
const say = (text: string) => process.stderr.write(`${text}\n`);

say('Learns a model of invented footage');
const { loop, model, pictures } = await learnedModel(folder);

const frames = await Promise.all(pictures.map((picture) => jpeg(size, picture)));
const http: MjpegCamera[] = [];
for (let i = 0; i < HTTP; i++) {
  const camera = await new MjpegCamera().listen();
  camera.interval = 1000 / size.fps;
  camera.picture = async (index) => frames[index % frames.length]!;
  http.push(camera);
}
const rtsp = await new RtspRelay().listen();
const sending = new AbortController();
const sent = remux(loop, rtsp.url, 'rtsp', { rtsp_transport: 'tcp' }, sending.signal);
const receiver = await new WebhookReceiver().listen();
const sources = [
  ...Array.from({ length: FILES }, () => ({ kind: 'file', path: loop })),
  ...http.map(({ source }) => source),
  { kind: 'rtsp', url: rtsp.url },
];
const file = join(folder, 'configuration.json');
await writeFile(
  file,
  JSON.stringify({
    webhooks: [{ url: receiver.url, secret: 'a-secret-of-ours' }],
    cameras: sources.map((source, i) => ({
      id: `camera-${i + 1}`,
      name: `Camera ${i + 1}`,
      source,
      model,
      budget: { alarmsPerDay: 1000 },
      clip: { before: 2, after: 2 },
    })),
  }),
);
const served = await Served.start(join(folder, 'data'), ['--config', file]);
const everStarted = new Set<number>();

const parts = ['server', 'decoders', 'inference'] as const;
type Memory = Record<(typeof parts)[number], number>;

function memory(): Memory {
  const children = descendants(served.pid);
  for (const { pid } of children) everStarted.add(pid);
  const of = (name: string) =>
    children
      .filter(({ command }) => command.includes(`/${name}/`))
      .reduce((sum, { residentBytes }) => sum + residentBytes, 0);
  const server = runningProcess(served.pid)?.residentBytes ?? 0;
  return { server, decoders: of('decoder'), inference: of('inference') };
}

const openFiles = () => readdirSync(`/proc/${served.pid}/fd`).length;

/** The middle of what is measured in some seconds: a collector's peaks are no growth. */
async function measured(): Promise<Memory & { readonly files: number }> {
  const samples: (Memory & { files: number })[] = [];
  for (let i = 0; i < 15; i++) {
    samples.push({ ...memory(), files: openFiles() });
    await sleep(1000);
  }
  const middle = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
  const of = (key: keyof Memory | 'files') => middle(samples.map((sample) => sample[key]));
  return {
    server: of('server'),
    decoders: of('decoders'),
    inference: of('inference'),
    files: of('files'),
  };
}

/** One of the children whose program is in a folder of that name. */
const some = (name: string) => {
  const children = served.children(`${name}/`);
  return children[Math.floor(Math.random() * children.length)]?.pid;
};

const signal = (name: string, sort: NodeJS.Signals) => () => {
  const pid = some(name);
  if (pid !== undefined) process.kill(pid, sort);
};

const anyHttp = () => http[Math.floor(Math.random() * http.length)]!;

async function mute(): Promise<void> {
  const camera = anyHttp();
  camera.stalled = rtsp.mute = true;
  await sleep(20_000);
  camera.stalled = rtsp.mute = false;
}

function drop(): void {
  anyHttp().drop();
  rtsp.drop();
}

async function receiverDead(): Promise<void> {
  receiver.status = 503;
  await sleep(20_000);
  receiver.status = 204;
}

const faults: readonly (readonly [string, () => void | Promise<void>])[] = [
  ['a decoder is killed', signal('decoder', 'SIGKILL')],
  ['connections drop', drop],
  ['a decoder hangs', signal('decoder', 'SIGSTOP')],
  ['the webhook takes nothing for 20 s', receiverDead],
  ['inference is killed', signal('inference', 'SIGKILL')],
  ['two cameras go silent for 20 s', mute],
  ['inference hangs', signal('inference', 'SIGSTOP')],
];
const injected = new Map<string, number>();

async function injectUntil(end: number): Promise<void> {
  for (let i = 0; Date.now() < end; i++) {
    const [name, inject] = faults[i % faults.length]!;
    injected.set(name, (injected.get(name) ?? 0) + 1);
    void inject();
    await sleep(Math.min(FAULT_EVERY, Math.max(0, end - Date.now())));
    memory();
  }
}

say(`Serves ${served.address} for ${values.minutes} minutes`);
const begun = Date.now();
await injectUntil(begun + WARM_UP * duration);
await sleep(CALM * duration);
const atStart = await measured();
await injectUntil(begun + (1 - CALM) * duration);
await sleep(CALM * duration);
const atEnd = await measured();

const cameras = await served.get<CameraStatus[]>('/api/cameras');
const waitOutbox = Date.now() + 60_000;
while ((await served.status()).outbox.waiting > 0 && Date.now() < waitOutbox) await sleep(500);
const announced = [...served.announced.values()];
const stored = new Set((await served.events()).map(({ id }) => id));
const found = announced.filter(({ id }) => stored.has(id));
const alarms = announced.filter(({ kind }) => kind === 'alarm');
const delivered = alarms.filter(({ id }) => receiver.events.has(id));
const code = await served.stop();
await sleep(2000);
const left = [...everStarted].filter((pid) => runningProcess(pid) !== undefined);
for (const camera of http) await camera.close();
sending.abort();
await sent.catch(() => undefined);
await rtsp.close();
await receiver.close();
await rm(folder, { recursive: true, force: true });

const count = (key: 'frames' | 'dropped' | 'scored' | 'reconnects') =>
  cameras.reduce((sum, { counts }) => sum + counts[key], 0);
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
const growth = (before: number, after: number) =>
  `${before > 0 ? (100 * (after / before - 1)).toFixed(1) : '-'} %`;
const total = (of: Memory) => parts.reduce((sum, part) => sum + of[part], 0);
const rows: readonly (readonly [string, string])[] = [
  ['minutes, cameras', `${values.minutes}, ${cameras.length}`],
  ['states at the end', [...new Set(cameras.map(({ state }) => state))].join(', ')],
  ...[...injected].map(([name, times]) => [name, `${times} times`] as const),
  ['frames', `${count('frames')}`],
  ['scored', `${count('scored')}`],
  ['dropped', `${count('dropped')}`],
  ['reconnects', `${count('reconnects')}`],
  ['events announced', `${announced.length}`],
  ['of these found again', `${found.length}`],
  ['alarms, told to the webhook', `${alarms.length}, ${delivered.length}`],
  ...[...parts, 'all' as const].map((part) => {
    const [before, after] =
      part === 'all' ? [total(atStart), total(atEnd)] : [atStart[part], atEnd[part]];
    return [
      `memory of ${part}`,
      `${megabytes(before)} -> ${megabytes(after)} (${growth(before, after)})`,
    ] as const;
  }),
  ['file descriptors of the server', `${atStart.files} -> ${atEnd.files}`],
  ['exit code', `${code}`],
  ['processes started, left', `${everStarted.size}, ${left.length}`],
];
process.stdout.write('| | |\n| --- | --- |\n');
for (const [name, value] of rows) process.stdout.write(`| ${name} | ${value} |\n`);
const lost = announced.length - found.length + alarms.length - delivered.length;
process.exit(lost > 0 || left.length > 0 || announced.length === 0 ? 1 : 0);
