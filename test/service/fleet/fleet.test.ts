import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { Server } from '../../../src/service/api/server.ts';
import type { LiveMessage } from '../../../src/service/contract/live.ts';
import { serviceSettings } from '../../../src/service/contract/settings.ts';
import type { InferenceListener } from '../../../src/service/parts.ts';
import { Service } from '../../../src/service/service.ts';
import { PostgresServer } from '../../postgres/server.ts';
import { ask } from '../api/running.ts';
import {
  FakeDecoders,
  FakeInference,
  FakeLearner,
  scoreOf,
  settingsOf,
  temporaryFolder,
} from '../camera/fakes.ts';
import { until } from '../poll.ts';
import { WebhookReceiver } from '../webhook-receiver.ts';

let postgres: PostgresServer;
let database: string;
let data: string;

beforeAll(async () => {
  postgres = await PostgresServer.start();
});
afterAll(() => postgres.remove());

beforeEach(async () => {
  database = await postgres.database();
  data = temporaryFolder();
});

const logger = pino({ level: 'silent' });

/** A program of the fleet, whole but for its child processes, which are played by hand. */
async function member(kind: 'server' | 'worker', name: string) {
  const decoders = new FakeDecoders();
  const inference = new FakeInference();
  let scoring: InferenceListener | undefined;
  const service = await Service.open(
    { data, logger, fleet: { kind, name, database, capacity: 100, renew: 1000 } },
    {
      decoders,
      learner: new FakeLearner(),
      inference: (listener) => {
        scoring = listener;
        return inference;
      },
    },
  );
  const { fleetSecret } = service;
  const server = new Server({
    service,
    tokens: service.store,
    host: '127.0.0.1',
    port: 0,
    requireToken: kind === 'worker',
    logger,
    checkAnswers: true,
    ...(kind === 'worker' && fleetSecret !== undefined && { fleetSecret }),
  });
  const address = await server.listen();
  service.membership!.join(address);
  let ended = false;
  const end = async () => {
    if (ended) return;
    ended = true;
    await service.membership!.leave();
    await server.close();
    await service.close();
  };
  onTestFinished(end);
  const heard: LiveMessage[] = [];
  service.live.listen((message) => heard.push(message));
  const has = (id: string) => service.cameras.ids.includes(id);
  return { service, address, decoders, inference, scoring: scoring!, heard, has, end };
}

type Program = Awaited<ReturnType<typeof member>>;

/** A server, and a camera that a worker watches. */
async function watched(...names: string[]) {
  const server = await member('server', 'server');
  const workers = await Promise.all(names.map((name) => member('worker', name)));
  const { id } = await server.service.cameras.add(settingsOf({ model: '/models/yard' }));
  const holder = () => workers.find((worker) => worker.inference.watched.has(id));
  const appear = (worker: Program) => worker.decoders.last.online();
  await until('a worker has it', () => workers.some(({ has }) => has(id)));
  const worker = workers.find(({ has }) => has(id))!;
  appear(worker);
  await until('it is watched', () => holder() !== undefined);
  await until('the server hears it', () =>
    /^(Watches|Warms up)/.test(server.service.cameras.status(id)!.detail),
  );
  return { server, workers, worker, id };
}

test('a server answers for its cameras by their workers, and says why where there is none', async () => {
  const server = await member('server', 'server');
  const added = await ask(server.address, 'POST', '/api/cameras', {
    body: settingsOf({ model: '/models/yard' }),
  });
  expect(added.status).toBe(201);
  const { id } = added.json;
  expect(added.json.detail).toBe('Reconnecting: a worker takes it up');
  const change = () =>
    ask(server.address, 'PATCH', `/api/cameras/${id}`, { body: { name: 'Gate' } });
  expect(await change()).toMatchObject({
    status: 503,
    json: { error: 'no worker has Yard at the moment: try again in half a minute' },
  });
  expect((await ask(server.address, 'GET', '/api/cameras/none/picture')).status).toBe(404);

  const worker = await member('worker', 'w');
  await until('it is taken', () => worker.has(id));
  worker.decoders.last.online();
  await until('it is watched', () => worker.inference.watched.has(id));
  await until('the server reaches it', () => {
    const [, seen] = server.service.fleet!.members();
    return seen?.reached === true && seen.cameras.includes(id);
  });
  expect(await change()).toMatchObject({ status: 200, json: { settings: { name: 'Gate' } } });
  expect(worker.service.cameras.status(id)!.settings.name).toBe('Gate');
  await until('the server knows', () => server.service.cameras.name(id) === 'Gate');
  const deeds = await ask(server.address, 'GET', '/api/audit');
  expect(deeds.json.filter((deed: { camera: string }) => deed.camera === id)).toMatchObject([
    { who: 'this machine', deed: 'Change settings of a camera' },
  ]);

  const fleet = await ask(server.address, 'GET', '/api/fleet');
  expect(fleet.json.members).toMatchObject([
    { kind: 'server', announces: true, cameras: [] },
    { kind: 'worker', name: 'w', cameras: [id] },
  ]);
  expect((await ask(worker.address, 'GET', '/api/cameras')).status).toBe(401);

  expect((await ask(server.address, 'DELETE', `/api/cameras/${id}`)).status).toBe(204);
  await until('both have none', () => !worker.has(id) && !server.has(id));
  expect(server.heard.filter(({ name }) => name === 'camera removed')).toHaveLength(1);
});

test('an alarm is announced once, whichever of two servers announces', async () => {
  const hook = await new WebhookReceiver().listen();
  onTestFinished(() => hook.close());
  const { server, worker, id } = await watched('w');
  const other = await member('server', 'other');
  const settings = serviceSettings.parse({
    webhooks: [{ url: hook.url, secret: 'a-secret-of-ours' }],
  });
  other.service.settings.set(settings);
  await until('the worker knows', () => worker.service.settings.current().webhooks.length === 1);
  await until('the other hears the worker', () => other.service.cameras.status(id)?.size !== null);
  const alarm = async (time: number) => {
    worker.scoring.onScore(id, scoreOf(time, 9));
    worker.scoring.onScore(id, scoreOf(time + 8000, 0));
    const [event] = worker.service.events.page({ kind: 'alarm', limit: 1 }).events;
    await until('start and end are told', () => {
      const of = hook.bodies.filter((body) => body.event?.id === event!.id);
      return of.length >= 2;
    });
    return event!;
  };
  const first = await alarm(Date.now());
  await until('both pages hear it', () =>
    [server, other].every(({ heard }) =>
      heard.some((message) => message.name === 'event' && message.data.id === first.id),
    ),
  );
  await server.end();
  await until('the other announces', () => other.service.fleet!.members()[0]?.announces === true);
  await alarm(Date.now() + 60_000);
  await until('nothing waits', () => other.service.store.outboxState().waiting === 0);
  expect(hook.bodies).toHaveLength(4);
});

test('a verdict acts at the worker, also one that was given while none had the camera', async () => {
  const { server, worker, id } = await watched('w');
  worker.scoring.onScore(id, scoreOf(Date.now(), 9));
  worker.scoring.onScore(id, scoreOf(Date.now() + 8000, 0));
  const [event] = server.service.events.page({ kind: 'alarm', limit: 1 }).events;
  const path = `/api/events/${event!.id}`;
  const judge = (verdict: string) => ask(server.address, 'PATCH', path, { body: { verdict } });
  expect(await judge('real')).toMatchObject({ status: 200, json: { verdict: 'real' } });
  const effect = () => server.service.events.get(event!.id)!.effect;
  await until('it says what it did', () => effect() !== null);
  await until('the page hears it', () =>
    server.heard.some((message) => message.name === 'event' && message.data.effect === effect()),
  );
  const before = effect();
  await worker.end();
  await judge('normal');
  expect(effect()).toBe(before);
  const next = await member('worker', 'next');
  await until('it is taken', () => next.has(id));
  next.decoders.last.online();
  await until('it acts there', () => effect() !== before);
});

test('a camera of a lost worker goes on at another, and its open event ends', async () => {
  const { server, workers, worker, id } = await watched('a', 'b');
  worker.scoring.onScore(id, scoreOf(Date.now(), 9));
  const [event] = server.service.events.page({ kind: 'alarm', limit: 1 }).events;
  expect(event!.end).toBeNull();
  const name = new URL(database).pathname.slice(1);
  // As after a pause: the lease is another's when it wakes up.
  await postgres.query(
    name,
    `UPDATE leases SET until = '-infinity', worker = 'nobody', epoch = epoch + 1 WHERE subject = '${id}'`,
  );
  worker.scoring.onScore(id, scoreOf(Date.now() + 1000, 12));
  await until(
    'another has it',
    () => workers.some((one) => one !== worker && one.has(id)) || worker.has(id),
  );
  await until('its event is over', () => server.service.events.get(event!.id)!.end !== null);
  expect(server.service.events.page({ kind: 'alarm', limit: 9 }).total).toBe(1);
});

test('a database that is away costs no alarm, and nobody falls over', async () => {
  const { server, worker, id } = await watched('w');
  await postgres.kill();
  await until('the server says so', () =>
    server.service.health.status().notices.some((line) => line.startsWith('The database is not')),
  );
  worker.scoring.onScore(id, scoreOf(Date.now(), 9));
  worker.scoring.onScore(id, scoreOf(Date.now() + 8000, 0));
  expect((await ask(server.address, 'GET', '/api/cameras')).status).toBe(200);
  expect((await ask(server.address, 'GET', '/api/events')).status).toBe(503);
  await postgres.resume();
  await until('it is stored', () => {
    try {
      return server.service.events.page({ kind: 'alarm', limit: 9 }).total === 1;
    } catch {
      return false;
    }
  });
  await until('it is well again', () => server.service.health.status().notices.length === 0);
  await until('the worker has its camera', () => worker.has(id));
});

test('snoozes and settings of a server hold at workers', async () => {
  const { server, worker, id } = await watched('w');
  server.service.schedule.snoozes.begin(id, { for: 60 });
  await until('the worker knows', () => worker.service.schedule.snoozedUntil(id) !== null);
  expect(server.service.cameras.status(id)!.snoozedUntil).not.toBeNull();
  worker.scoring.onScore(id, scoreOf(Date.now(), 9));
  const [event] = server.service.events.page({ kind: 'alarm', limit: 1 }).events;
  expect(event).toMatchObject({ quiet: 'snoozed' });
});
