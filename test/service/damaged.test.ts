import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { Server } from '../../src/service/api/server.ts';
import type { InferenceListener } from '../../src/service/parts.ts';
import { Service } from '../../src/service/service.ts';
import {
  FakeDecoders,
  FakeInference,
  FakeLearner,
  scoreOf,
  settingsOf,
  temporaryFolder,
} from './camera/fakes.ts';
import { until } from './poll.ts';

/** Overwrites a file with what is not a database, under the nose of who has it open. */
function spoil(path: string): void {
  const bytes = statSync(path).size;
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(bytes, 'spoiled '), 0, bytes, 0);
  closeSync(file);
}

test('a database that is damaged under a running service is told, and scoring goes on', async () => {
  const data = temporaryFolder();
  const decoders = new FakeDecoders();
  const inference = new FakeInference();
  let scoring: InferenceListener;
  const logger = pino({ level: 'silent' });
  const service = await Service.open(
    { data, logger },
    {
      decoders,
      learner: new FakeLearner(),
      inference: (listener) => {
        scoring = listener;
        return inference;
      },
    },
  );
  const server = new Server({
    service,
    tokens: service.store,
    host: '127.0.0.1',
    port: 0,
    requireToken: false,
    logger,
  });
  const address = await server.listen();
  onTestFinished(async () => {
    await server.close();
    await service.close();
  });
  const { id } = await service.cameras.add(settingsOf({ model: '/models/yard' }));
  decoders.last.online();
  await until('it is watched', () => inference.watched.has(id));
  scoring!.onReady();
  scoring!.onScore(id, scoreOf(Date.now(), 1));
  for (const name of ['service.db-wal', 'service.db', 'service.db-shm']) spoil(join(data, name));
  const told = () =>
    service.health.status().notices.some((line) => line.startsWith('service.db cannot'));
  let time = Date.now();
  await until('the damage is told', () => {
    time += 500;
    scoring!.onScore(id, scoreOf(time, (time / 500) % 7 < 1 ? 1000 : 1));
    return told();
  });
  scoring!.onScore(id, scoreOf(time + 500, 3));
  expect(service.cameras.status(id)).toMatchObject({ state: 'watching', lastScore: 3 });
  const answers = await Promise.all(
    ['/api/service', '/api/cameras', '/api/events', '/health/ready', '/metrics'].map((path) =>
      fetch(address + path).then(({ status }) => status),
    ),
  );
  expect(answers).toEqual([200, 200, 503, 200, 200]);
});
