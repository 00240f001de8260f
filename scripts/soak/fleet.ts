import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CameraStatus } from '../../src/service/contract/camera.ts';
import type { FleetMember } from '../../src/service/contract/fleet.ts';
import { serviceSettings } from '../../src/service/contract/settings.ts';
import { CuttableLine } from '../../test/postgres/cuttable-line.ts';
import { PostgresServer } from '../../test/postgres/server.ts';
import { remux } from '../../test/service/decoder/remux.ts';
import { RtspRelay } from '../../test/service/decoder/rtsp-relay.ts';
import { WorkerProcess } from '../../test/service/fleet/worker-process.ts';
import { Served } from '../../test/service/served.ts';
import { WebhookReceiver } from '../../test/service/webhook-receiver.ts';
import { learnedModel } from './learned-model.ts';

/** Cameras of RTSP; the others play a file. */
const RTSP = 2;

/** Milliseconds between two faults: a fleet should be whole again by then. */
const FAULT_EVERY = 60_000;

/** Milliseconds that a paused or cut worker stays so. */
const AWAY = 20_000;

/** Milliseconds without a score that a camera of a lost worker may have. */
const LONGEST_GAP = 30_000;

/** How far the load of a worker may be from that of all. */
const UNFAIR = 0.2;

const say = (text: string) => process.stderr.write(`${text}\n`);

interface Worker {
  readonly name: string;
  readonly line: CuttableLine;
  process: WorkerProcess;
}

/** Cameras on some workers and one PostgreSQL, with faults all along. @returns the exit code */
export async function soakFleet(workers: number, cameras: number, ms: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'm2s2l-soak-'));
  process.env.M2S2L_CACHE = join(folder, 'cache');
  say('Learns a model of invented footage');
  const { loop, model } = await learnedModel(folder);
  const postgres = await PostgresServer.start();
  const database = await postgres.database('fleet');
  const files = join(folder, 'files');
  const receiver = await new WebhookReceiver().listen();
  const scores = new Scores();
  let served = await Served.start(files, ['--store', database, '--files', files]);
  scores.follow(() => served.address);
  const all: Worker[] = [];
  for (let i = 1; i <= workers; i++) {
    const line = await CuttableLine.start(postgres.port);
    const name = `worker-${i}`;
    all.push({
      name,
      line,
      process: await WorkerProcess.start(through(line, database), files, name),
    });
  }
  const relays = await Promise.all(
    Array.from({ length: Math.min(RTSP, cameras) }, () => new RtspRelay().listen()),
  );
  const sending = new AbortController();
  const sent = relays.map(({ url }) =>
    remux(loop, url, 'rtsp', { rtsp_transport: 'tcp' }, sending.signal).catch(() => undefined),
  );
  const ask = async (method: string, path: string, body: unknown) => {
    const answer = await fetch(`${served.address}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  };
  await ask(
    'PUT',
    '/api/settings',
    serviceSettings.parse({ webhooks: [{ url: receiver.url, secret: 'a-secret-of-ours' }] }),
  );
  for (let i = 0; i < cameras; i++) {
    const relay = relays[i];
    await ask('POST', '/api/cameras', {
      name: `Camera ${i + 1}`,
      source: relay ? { kind: 'rtsp', url: relay.url } : { kind: 'file', path: loop },
      model,
      fps: 2,
      budget: { alarmsPerDay: 1000, call: 'always' },
      clip: { before: 2, after: 2 },
    });
  }
  const members = async () =>
    (await served.get<{ members: FleetMember[] }>('/api/fleet')).members.filter(
      ({ kind }) => kind === 'worker',
    );
  const holds = async ({ name }: Worker) =>
    (await members()).find((member) => member.name === name)?.cameras ?? [];

  const gaps = new Map<string, number[]>();
  const injected = new Map<string, number>();
  /** A fault of one worker, and how long its cameras had no score. */
  const losing = (fault: (worker: Worker) => Promise<void>) => async (name: string) => {
    const worker = all[Math.floor(Math.random() * all.length)]!;
    const held = await holds(worker);
    scores.beginGaps();
    await fault(worker);
    await sleep(FAULT_EVERY);
    gaps.set(name, [...(gaps.get(name) ?? []), ...held.map((camera) => scores.gap(camera))]);
  };
  const start = ({ line, name }: Worker) =>
    WorkerProcess.start(through(line, database), files, name);
  const faults: readonly (readonly [string, (name: string) => Promise<void>])[] = [
    [
      'a worker is killed',
      losing(async (worker) => {
        await worker.process.kill();
        void sleep(AWAY).then(async () => {
          worker.process = await start(worker);
        });
      }),
    ],
    [
      'a worker stands still for 20 s',
      losing(async ({ process: paused }) => {
        paused.pause();
        void sleep(AWAY).then(() => paused.goOn());
      }),
    ],
    [
      'a worker is cut off from the database for 20 s',
      losing(async ({ line }) => {
        line.silence();
        void sleep(AWAY).then(() => line.restore());
      }),
    ],
    [
      'the database is killed and starts again',
      async () => {
        await postgres.kill();
        await sleep(3000);
        await postgres.resume();
      },
    ],
    [
      'the server is killed and starts again',
      async () => {
        scores.keep(served.announced);
        await served.kill();
        served = await Served.start(files, ['--store', database, '--files', files]);
      },
    ],
    [
      'a worker is stopped and starts again',
      losing(async (worker) => {
        await worker.process.stop();
        void sleep(AWAY).then(async () => {
          worker.process = await start(worker);
        });
      }),
    ],
  ];

  const count = () => scores.cameras;
  say('Waits until all cameras are scored');
  while (count() < cameras) await sleep(500);
  const use = async () =>
    (
      await postgres.query(
        'fleet',
        `SELECT xact_commit::INTEGER AS transactions,
           (tup_inserted + tup_updated + tup_deleted)::INTEGER AS rows,
           (pg_current_wal_lsn() - '0/0'::pg_lsn)::DOUBLE PRECISION AS bytes,
           (SELECT count(*) FROM pg_stat_activity WHERE datname = 'fleet')::INTEGER AS connections
         FROM pg_stat_database WHERE datname = 'fleet'`,
      )
    )[0] as { transactions: number; rows: number; bytes: number; connections: number };
  const before = await use();
  await sleep(FAULT_EVERY);
  const after = await use();
  const minutes = FAULT_EVERY / 60_000;
  const perCamera = (key: 'transactions' | 'rows' | 'bytes') =>
    ((after[key] - before[key]) / minutes / cameras).toFixed(1);
  say(`Serves ${served.address} for ${Math.round(ms / 60_000)} minutes`);
  const end = Date.now() + ms;
  for (let i = 0; Date.now() < end; i++) {
    const [name, inject] = faults[i % faults.length]!;
    injected.set(name, (injected.get(name) ?? 0) + 1);
    say(name);
    await Promise.all([inject(name), sleep(FAULT_EVERY)]);
  }
  await sleep(FAULT_EVERY);
  const loads = (await members()).map(({ name, load, capacity, cameras: held }) => ({
    name,
    load: load ?? 0,
    share: held.length / (capacity ?? 1),
    held: held.length,
  }));
  const states = (await served.get<CameraStatus[]>('/api/cameras')).map(({ state }) => state);
  const waitOutbox = Date.now() + 60_000;
  while ((await served.status()).outbox.waiting > 0 && Date.now() < waitOutbox) await sleep(500);
  scores.keep(served.announced);
  const stored = await served.events();
  const doubled = await postgres.query(
    'fleet',
    'SELECT camera, started FROM events GROUP BY camera, started HAVING count(*) > 1',
  );
  const known = new Set(stored.map(({ id }) => id));
  const lost = [...scores.announced].filter((id) => !known.has(id));
  const alarms = stored.filter(({ kind }) => kind === 'alarm');
  const undelivered = alarms.filter(({ id }) => !receiver.events.has(id));
  const starts = new Map<string, Set<string>>();
  for (const { id, event } of receiver.bodies as {
    id: string;
    event?: { id: string; end: number | null };
  }[])
    if (event && event.end === null)
      starts.set(event.id, (starts.get(event.id) ?? new Set()).add(id));
  const twice = [...starts.values()].filter((ids) => ids.size > 1);
  scores.stop();
  const codes = await Promise.all(all.map(({ process: one }) => one.stop()));
  codes.push(await served.stop());
  sending.abort();
  await Promise.all(sent);
  for (const relay of relays) await relay.close();
  for (const { line } of all) await line.close();
  await receiver.close();
  await postgres.remove();
  await rm(folder, { recursive: true, force: true });

  const mean = loads.reduce((sum, { share }) => sum + share, 0) / loads.length;
  const unfair = Math.max(...loads.map(({ share }) => Math.abs(share / mean - 1)));
  const seconds = (gap: number) => (gap / 1000).toFixed(1);
  const middle = (of: number[]) => of.toSorted((a, b) => a - b)[of.length >> 1] ?? 0;
  const rows: readonly (readonly [string, string])[] = [
    ['minutes, cameras, workers', `${Math.round(ms / 60_000)}, ${cameras}, ${workers}`],
    ['states at the end', [...new Set(states)].join(', ')],
    ...[...injected].map(([name, times]) => {
      const of = gaps.get(name) ?? [];
      const text = `; its ${of.length} cameras had no score for ${seconds(middle(of))} s in the middle, ${seconds(Math.max(0, ...of))} s at most`;
      return [name, `${times} times${of.length > 0 ? text : ''}`] as const;
    }),
    [
      'database, a camera and minute without faults',
      `${perCamera('transactions')} transactions, ${perCamera('rows')} rows, ${perCamera('bytes')} bytes of log; ${after.connections} connections in all`,
    ],
    ['scores heard', `${scores.heard}`],
    ['events stored, announced to a page', `${stored.length}, ${scores.announced.size}`],
    ['announced and not found again', `${lost.length}`],
    ['stored twice', `${doubled.length}`],
    ['alarms, not told to the webhook', `${alarms.length}, ${undelivered.length}`],
    ['alarms whose start is two messages', `${twice.length}`],
    [
      'cameras of each worker at the end; farthest from fair',
      `${loads.map(({ name, held }) => `${name} ${held}`).join(', ')}; ${Math.round(100 * unfair)} %`,
    ],
    ['exit codes', codes.join(', ')],
  ];
  process.stdout.write('| | |\n| --- | --- |\n');
  for (const [name, value] of rows) process.stdout.write(`| ${name} | ${value} |\n`);
  const longest = Math.max(0, ...[...gaps.values()].flat());
  const wrong =
    lost.length + doubled.length + undelivered.length + twice.length > 0 ||
    stored.length === 0 ||
    longest > LONGEST_GAP ||
    unfair > UNFAIR;
  return wrong ? 1 : 0;
}

const through = (line: CuttableLine, database: string): string =>
  Object.assign(new URL(database), { port: String(line.port) }).href;

/** What somebody hears who follows the page: the last score of each camera, and which events there were. */
class Scores {
  readonly announced = new Set<string>();
  readonly #last = new Map<string, number>();
  readonly #gaps = new Map<string, number>();
  readonly #end = new AbortController();
  heard = 0;

  get cameras(): number {
    return this.#last.size;
  }

  follow(address: () => string): void {
    void this.#follow(address);
  }

  stop(): void {
    this.#end.abort();
  }

  keep(announced: ReadonlyMap<string, unknown>): void {
    for (const id of announced.keys()) this.announced.add(id);
  }

  /** From now on the longest time without a score counts. */
  beginGaps(): void {
    this.#gaps.clear();
  }

  /** Milliseconds: the longest time that a camera had no score since then, up to now. */
  gap(camera: string): number {
    const last = this.#last.get(camera) ?? 0;
    return Math.max(this.#gaps.get(camera) ?? 0, performance.now() - last);
  }

  async #follow(address: () => string): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      try {
        const { body } = await fetch(`${address()}/api/stream`, { signal });
        let text = '';
        for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
          text += chunk;
          const messages = text.split('\n\n');
          text = messages.pop()!;
          for (const message of messages) this.#hear(message);
        }
      } catch {
        // The server is gone, which is one of the faults.
      }
      if (!signal.aborted) await sleep(200);
    }
  }

  #hear(message: string): void {
    const data = /^data: (.*)$/m.exec(message)?.[1];
    if (data === undefined || !/^event: score$/m.test(message)) return;
    const { camera } = JSON.parse(data) as { camera: string };
    const now = performance.now();
    const before = this.#last.get(camera) ?? now;
    this.#gaps.set(camera, Math.max(this.#gaps.get(camera) ?? 0, now - before));
    this.#last.set(camera, now);
    this.heard += 1;
  }
}
