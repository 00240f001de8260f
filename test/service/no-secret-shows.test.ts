import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { Server } from '../../src/service/api/server.ts';
import type { CameraSource } from '../../src/service/contract/camera.ts';
import { cameraSettings } from '../../src/service/contract/camera.ts';
import { serviceSettings } from '../../src/service/contract/settings.ts';
import { Decoders } from '../../src/service/decoder/decoders.ts';
import { explained } from '../../src/service/decoder/picture-source.ts';
import { openLog } from '../../src/service/log/log.ts';
import { WebhookSender } from '../../src/service/outbox/webhook-sender.ts';
import { maskAddress, requireAllowedSource, shownHost } from '../../src/service/secrets/address.ts';
import {
  keepSettingsSecrets,
  keepSourceSecrets,
  maskSettings,
  shownCamera,
} from '../../src/service/secrets/secrets.ts';
import { Service } from '../../src/service/service.ts';
import { FakeDecoders, FakeInference, FakeLearner, temporaryFolder } from './camera/fakes.ts';
import { until } from './poll.ts';

/** Passwords as people have them, that begin and end with what nothing else holds. */
const password = fc
  .oneof(
    fc.string({ maxLength: 12 }),
    fc.string({ unit: fc.constantFrom(...'@/:?#%&=;.[]\\"\'<> a1'), maxLength: 12 }),
    fc.string({ unit: 'grapheme', maxLength: 8 }),
  )
  .map((middle) => `Kw7${middle}zQ9`);

const path = fc.constantFrom(
  '',
  '/',
  '/live',
  '/a@b',
  '/Streaming/Channels/101',
  '/x?mail=a@b',
  '/#f',
);

/** Addresses with a login, escaped as it should be or not at all. */
const address = fc
  .record({ password, escaped: fc.boolean(), path, port: fc.constantFrom('', ':8554') })
  .map(({ password, escaped, path, port }) => {
    const written = escaped ? encodeURIComponent(password) : password;
    return (scheme: string) => `${scheme}://admin:${written}@127.0.0.1${port}${path}`;
  });

const expectHidden = (text: string) => expect(text).not.toMatch(/Kw7|zQ9/);

function words(work: () => unknown): string {
  try {
    return JSON.stringify(work()) ?? '';
  } catch (error) {
    return (error as Error).message;
  }
}

test('no password shows in an address, a message or settings', () => {
  fc.assert(
    fc.property(address, (of) => {
      const rtsp = of('rtsp');
      const source: CameraSource = { kind: 'rtsp', url: rtsp, transport: 'tcp' };
      expectHidden(maskAddress(rtsp));
      expectHidden(maskAddress(rtsp.replace('://', ':/')));
      expectHidden(maskAddress(rtsp.replace('rtsp://', '')));
      expectHidden(shownHost(of('http')));
      expectHidden(words(() => requireAllowedSource(source)));
      expectHidden(words(() => requireAllowedSource({ kind: 'http', url: rtsp })));
      expectHidden(words(() => void keepSourceSecrets(source)));
      expectHidden(explained(source, `Error opening ${rtsp}: 401`));
      expectHidden(words(() => shownCamera({ settings: { source } } as never)));
      const settings = serviceSettings.safeParse({
        webhooks: [{ url: of('https'), secret: 'Kw7secretzQ9' }],
        mqtt: { url: of('mqtt'), username: 'a', password: 'Kw7secretzQ9' },
      });
      expectHidden(
        settings.success ? words(() => maskSettings(settings.data)) : settings.error.message,
      );
      if (settings.success)
        expectHidden(
          words(() => void keepSettingsSecrets(settings.data, serviceSettings.parse({}))),
        );
    }),
    { numRuns: 2000 },
  );
});

test('what a mask shows brings the address back', () => {
  fc.assert(
    fc.property(address, (of) => {
      const source: CameraSource = { kind: 'rtsp', url: of('rtsp'), transport: 'tcp' };
      const shown = { ...source, url: maskAddress(source.url) };
      expect(keepSourceSecrets(shown, source)).toEqual(source);
    }),
  );
});

test('no password gets into an answer or the log of a service', async () => {
  const lines: string[] = [];
  const logger = openLog('debug', { write: (line) => void lines.push(line) });
  const service = await Service.open(
    { data: temporaryFolder(), logger },
    {
      decoders: new FakeDecoders(),
      learner: new FakeLearner(),
      inference: () => new FakeInference(),
    },
  );
  const { store: tokens } = service;
  const server = new Server({
    ...{ service, tokens, host: '127.0.0.1', port: 0 },
    ...{ requireToken: false, logger },
  });
  const at = await server.listen();
  onTestFinished(async () => {
    await server.close();
    await service.close();
  });
  const send = async (method: string, path: string, body: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(at + path, { method, headers, body: JSON.stringify(body) });
    return answer.text();
  };
  const get = async (path: string) => (await fetch(at + path)).text();
  await fc.assert(
    fc.asyncProperty(address, async (of) => {
      const source = { kind: 'rtsp', url: of('rtsp') };
      const camera = { name: 'Yard', source, model: '/models/yard' };
      expectHidden(await send('POST', '/api/cameras', camera));
      expectHidden(await send('POST', '/api/cameras/test', { kind: 'http', url: of('http') }));
      const webhooks = [{ url: of('https'), secret: 'Kw7secretzQ9' }];
      expectHidden(await send('PUT', '/api/settings', { webhooks, storage: {}, mqtt: null }));
      logger.warn({ err: new Error(`cannot open ${of('rtsp').replaceAll(/\s/g, '')}`) }, 'x');
      for (const { id } of service.cameras.all()) await service.cameras.remove(id);
    }),
    { numRuns: 60 },
  );
  expectHidden((await Promise.all(['/api/cameras', '/api/settings', '/metrics'].map(get))).join());
  expect(lines.length).toBeGreaterThan(60);
  for (const line of lines) expectHidden(line);
});

test('a webhook that fails is told without its password', async () => {
  const url = 'http://admin:Kw7/a@b/zQ9@127.0.0.1:9/hook';
  const given: string[] = [];
  const failed: string[] = [];
  const entry = { id: '1', url, body: '{"id":"1"}', attempts: 9, due: 0, created: 0 };
  const settings = serviceSettings.parse({});
  const sender = new WebhookSender(
    {
      outbox: () => (given.length > 0 ? [] : [entry]),
      outboxDone: () => undefined,
      outboxFailed: (_, error) => void failed.push(error),
      settings: () => ({
        ...settings,
        webhooks: [{ url, secret: 'x'.repeat(9), kinds: ['alarm'] }],
      }),
    },
    { onGivenUp: (reason) => given.push(reason) },
  );
  sender.start();
  onTestFinished(() => sender.stop());
  await until('it is given up', () => given.length > 0);
  for (const line of [...given, ...failed]) expectHidden(line);
});

test('no password is in the title or the arguments of a process', async () => {
  const reasons: string[] = [];
  const decoder = new Decoders().open(
    {
      name: 'Yard',
      source: { kind: 'rtsp', url: 'rtsp://admin:Kw7zQ9@127.0.0.1:9/live', transport: 'tcp' },
      fps: 5,
      sceneFile: join(temporaryFolder(), 'scene.json'),
      ignored: [],
    },
    {
      ...{ onOnline: () => undefined, onFrame: () => undefined, onPicture: () => undefined },
      ...{ onScene: () => undefined, onDoubt: () => undefined, onRecorded: () => undefined },
      onRecordingFailed: () => undefined,
      onOffline: (reason) => reasons.push(reason),
    },
  );
  decoder.start();
  onTestFinished(() => decoder.stop());
  await until('it failed to open its source', () => reasons.length > 0);
  for (const name of ['cmdline', 'comm', 'environ'])
    expectHidden(readFileSync(`/proc/${decoder.pid}/${name}`, 'utf8'));
  expectHidden(reasons.join());
  expect(reasons[0]).toContain('rtsp://***@127.0.0.1:9/live');
});

test('the settings of a camera with such an address are refused, those stored before are not', () => {
  const url = 'rtsp://admin:pa@ss/word@host/live';
  const { source } = cameraSettings.parse({ name: 'Yard', source: { kind: 'rtsp', url } });
  expect(() => keepSourceSecrets(source)).toThrow('the end of its password is ambiguous');
  expect(keepSourceSecrets(source, source)).toEqual(source);
});
