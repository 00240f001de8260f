import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { Server } from '../../../src/service/api/server.ts';
import { Bucket } from '../../../src/service/archive/bucket.ts';
import type { DecoderListener, Heatmap, InferenceListener } from '../../../src/service/parts.ts';
import { Service } from '../../../src/service/service.ts';
import { PostgresServer } from '../../postgres/server.ts';
import {
  FakeDecoder,
  FakeDecoders,
  FakeInference,
  FakeLearner,
  scoreOf,
  settingsOf,
  temporaryFolder,
} from '../camera/fakes.ts';
import { until } from '../poll.ts';
import { S3Server } from './s3-server.ts';

let postgres: PostgresServer;
let database: string;
let s3: S3Server;

beforeAll(async () => {
  postgres = await PostgresServer.start();
  database = await postgres.database();
  s3 = await S3Server.start();
});
afterAll(async () => {
  await postgres.remove();
  await s3.end();
});

/** Files that hold something, so that they can be told from others. */
class WritingDecoder extends FakeDecoder {
  override async thumbnail(time: number, heatmap: Heatmap, folder: string): Promise<void> {
    await super.thumbnail(time, heatmap, folder);
    await writeFile(join(folder, 'thumbnail.jpg'), `thumbnail of ${folder}`);
    await writeFile(join(folder, 'heatmap.png'), 'heatmap');
  }

  override async clip(from: number, to: number, path: string): Promise<void> {
    await super.clip(from, to, path);
    await writeFile(path, `clip of ${path}`);
  }
}

class WritingDecoders extends FakeDecoders {
  override open(_options: unknown, listener: DecoderListener): FakeDecoder {
    const decoder = new WritingDecoder(listener);
    this.opened.push(decoder);
    return decoder;
  }
}

/** A program of the fleet with a folder of its own, whole but for its child processes. */
async function member(kind: 'server' | 'worker') {
  const decoders = new WritingDecoders();
  const inference = new FakeInference();
  let scoring: InferenceListener | undefined;
  const logger = pino({ level: 'silent' });
  const data = temporaryFolder();
  const service = await Service.open(
    {
      ...{ data, logger },
      bucket: await Bucket.open('s3://fleet/files'),
      fleet: { kind, name: kind, database, capacity: 100, renew: 1000 },
    },
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
    ...(kind === 'worker' && fleetSecret !== undefined && { fleetSecret }),
  });
  const address = await server.listen();
  service.membership!.join(address);
  onTestFinished(async () => {
    await service.membership!.leave();
    await server.close();
    await service.close();
  });
  return { service, address, decoders, inference, scoring: scoring!, data };
}

test('a server shows the files of an event that a worker with another folder recorded', async () => {
  const server = await member('server');
  const worker = await member('worker');
  const { id } = await server.service.cameras.add(settingsOf({ model: '/models/yard' }));
  await until('it is taken', () => worker.service.cameras.ids.includes(id));
  worker.decoders.last.online();
  await until('it is watched', () => worker.inference.watched.has(id));
  worker.scoring.onScore(id, scoreOf(Date.now(), 9));
  worker.scoring.onScore(id, scoreOf(Date.now() + 8000, 0));
  const event = () => server.service.events.page({ kind: 'alarm', limit: 1 }).events[0];
  await until('it has its files', () => event()?.clip === true && event()?.thumbnail === true);
  const text = async (kind: string) => {
    // A busy machine puts it later than a server waits for it.
    return await vi.waitFor(
      async () => {
        const answer = await fetch(new URL(`/api/events/${event()!.id}/${kind}`, server.address));
        expect(answer.status).toBe(200);
        return await answer.text();
      },
      { timeout: 60_000, interval: 100 },
    );
  };
  const written = join(worker.data, 'events', event()!.id);
  expect(await text('clip')).toBe(`clip of ${join(written, 'clip.mp4')}`);
  expect(await text('thumbnail')).toBe(`thumbnail of ${written}`);
  const picture = await server.service.events.thumbnail(event()!.id);
  expect(picture?.toString()).toBe(`thumbnail of ${written}`);
});
