import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { serviceSettings } from '../../src/service/contract/settings.ts';
import { Service } from '../../src/service/service.ts';
import {
  FakeDecoders,
  FakeInference,
  FakeLearner,
  settingsOf,
  temporaryFolder,
} from './camera/fakes.ts';
import { until } from './poll.ts';

async function opened(data: string) {
  const decoders = new FakeDecoders();
  const service = await Service.open(
    { data, logger: pino({ level: 'silent' }), grace: 50 },
    { decoders, learner: new FakeLearner(), inference: () => new FakeInference() },
  );
  onTestFinished(() => service.close());
  /** What waits for the webhook: kind and state. */
  const told = () =>
    service.store
      .outbox(Number.MAX_SAFE_INTEGER, 100)
      .map(({ body }) => JSON.parse(body))
      .map(({ kind, camera }) => `${kind}: ${camera.state ?? camera.name}`);
  return { service, decoders, told };
}

test('webhooks are told that a camera is back after a restart, and that it was removed', async () => {
  const data = temporaryFolder();
  const before = await opened(data);
  before.service.settings.set(
    serviceSettings.parse({
      // Nobody listens there: all that is told waits.
      webhooks: [{ url: 'http://127.0.0.1:9/', secret: 'a-secret-of-ours', kinds: ['camera'] }],
    }),
  );
  const settings = settingsOf({ model: '/models/yard', name: 'Yard' });
  const { id } = await before.service.cameras.add(settings);
  before.decoders.last.online();
  await until('it is stored as watching', () => before.service.store.sentStates().has(id));
  before.decoders.last.listener.onOffline('the cable was cut', 1000);
  await until('it is told', () => before.told().includes('camera: offline'));
  await before.service.close();

  const after = await opened(data);
  await until('it connects', () => after.decoders.last.running);
  // It is still away, which is no news.
  after.decoders.last.listener.onOffline('the cable is cut', 1000);
  await until('it is offline', () => after.service.cameras.status(id)?.state === 'offline');
  expect(after.told()).toEqual(['camera: offline']);
  after.decoders.last.online();
  Object.assign(after.decoders.last.counts, { frames: 7 });
  await until('its return is told', () => after.told().length === 2);
  expect(after.told()).toEqual(['camera: offline', 'camera: watching']);
  await after.service.cameras.remove(id);
  expect(after.told().at(-1)).toBe('camera removed: Yard');
});
