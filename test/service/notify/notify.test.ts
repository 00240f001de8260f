import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Server } from '../../../src/service/api/server.ts';
import type { NotificationSettings } from '../../../src/service/contract/notification.ts';
import { requirePushService } from '../../../src/service/notify/channels/push.ts';
import type { NewEvent } from '../../../src/service/parts.ts';
import { Service } from '../../../src/service/service.ts';
import { openStore } from '../../../src/service/store/sqlite/open-store.ts';
import { ask } from '../api/running.ts';
import { FakeDecoders, FakeInference, FakeLearner, temporaryFolder } from '../camera/fakes.ts';
import { demoPictures } from '../pictures.ts';
import { inventedCamera, inventedEvent } from '../store/invented.ts';
import { HttpReceiver, listenForMail, PushBrowser, vapidOf } from './receivers.ts';

const until = <T>(check: () => T | Promise<T>) =>
  vi.waitFor(check, { timeout: 60_000, interval: 50 });
const PUBLIC = 'https://cameras.example.org/m/';

/** A service with one camera, and a way to let an alarm happen at it. */
async function opened(notifications: Partial<NotificationSettings>) {
  const data = temporaryFolder();
  const before = openStore(data);
  before.saveCamera(inventedCamera({ life: 'stopped' }));
  before.close();
  const service = await Service.open(
    { data, logger: pino({ level: 'silent' }) },
    {
      decoders: new FakeDecoders(),
      inference: () => new FakeInference(),
      learner: new FakeLearner(),
    },
  );
  onTestFinished(() => service.close());
  const server = new Server({
    service,
    tokens: service.store,
    host: '127.0.0.1',
    port: 0,
    requireToken: false,
    logger: pino({ level: 'silent' }),
    checkAnswers: true,
    anyPushService: true,
  });
  const address = await server.listen();
  onTestFinished(() => server.close());
  const { json } = await ask(address, 'GET', '/api/settings');
  const body = {
    ...json.settings,
    notifications: { ...json.settings.notifications, publicUrl: PUBLIC, ...notifications },
  };
  const { status, text } = await ask(address, 'PUT', '/api/settings', { body });
  expect([status, text]).toEqual([200, expect.anything()]);
  const pictures = await demoPictures(1);
  const alarm = async (change: Partial<NewEvent> = {}) => {
    const event = inventedEvent({ start: Date.now(), ...change });
    const folder = join(data, 'events', event.id);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'thumbnail.jpg'), pictures[0]!);
    await writeFile(join(folder, 'heatmap.png'), pictures[0]!);
    service.store.addEvent(event, []);
    const stored = service.store.updateEvent(event.id, { thumbnail: true })!;
    service.store.addMessages(service.notifier.messagesOf(stored, 'start'));
    return stored;
  };
  return { service, address, alarm };
}

test('mail: the picture with its box, the cause in words, a link and buttons', async () => {
  const { mails, port } = await listenForMail('me', 'mail-password');
  const { alarm } = await opened({
    channels: [
      {
        kind: 'email',
        name: 'Family',
        host: '127.0.0.1',
        port,
        security: 'none',
        username: 'me',
        password: 'mail-password',
        from: 'm2s2l@example.org',
        to: ['a@example.org', 'b@example.org'],
      },
    ],
  });
  const { id } = await alarm();
  await until(() => expect(mails).toHaveLength(1));
  const [{ to, text: encoded }] = mails as [(typeof mails)[number]];
  // As it is written into lines of 76 characters (RFC 2045).
  const text = encoded.replaceAll(/=\r\n/g, '').replaceAll('=3D', '=');
  expect(to).toEqual(['a@example.org', 'b@example.org']);
  expect(text).toContain('Subject: Alarm at Front door');
  expect(text).toContain('looks unlike anything learned here, top left');
  expect(text).toContain(`${PUBLIC}events/${id}`);
  expect(text.match(new RegExp(`${PUBLIC}act/[\\w-]{43}`, 'g'))!.length).toBeGreaterThanOrEqual(2);
  expect(text).toContain('Content-Type: image/jpeg');
});

test('ntfy: a button judges once, without a token, and an alarm within the cool-down sends nothing', async () => {
  const ntfy = await HttpReceiver.listen();
  const { address, alarm, service } = await opened({
    coolDown: 3600,
    channels: [
      {
        kind: 'ntfy',
        name: 'Phone',
        url: ntfy.url,
        topic: 'alarms',
        token: 'tk_secret',
        priority: 5,
      },
    ],
  });
  const { id } = await alarm();
  await until(() => expect(ntfy.taken).toHaveLength(1));
  const [{ path, method, headers, body }] = ntfy.taken as [(typeof ntfy.taken)[number]];
  expect([method, path]).toEqual(['PUT', '/alarms']);
  expect(headers).toMatchObject({
    authorization: 'Bearer tk_secret',
    title: 'Alarm at Front door',
    priority: '5',
    click: `${PUBLIC}events/${id}`,
  });
  expect(body.subarray(0, 2).toString('hex')).toBe('ffd8');
  const button = /http, Normal, (\S+), method=POST/.exec(String(headers.actions))![1]!;
  const act = button.replace(PUBLIC, `${address}/`);
  expect((await ask(address, 'GET', new URL(act).pathname)).json).toMatchObject({
    action: 'normal',
  });
  expect(service.store.event(id)!.verdict).toBe('open');
  expect((await ask(address, 'POST', new URL(act).pathname)).status).toBe(200);
  expect(service.store.event(id)!.verdict).toBe('normal');
  expect((await ask(address, 'POST', new URL(act).pathname)).status).toBe(404);

  await alarm();
  await until(() => expect(service.store.outboxState().waiting).toBe(0));
  expect(ntfy.taken).toHaveLength(1);
});

test('ntfy: an alarm that another view raised is withdrawn where it was told, and ends the cool-down', async () => {
  const ntfy = await HttpReceiver.listen();
  const { alarm, service } = await opened({
    coolDown: 3600,
    channels: [{ kind: 'ntfy', name: 'Phone', url: ntfy.url, topic: 'alarms', priority: 5 }],
  });
  const withdraw = (id: string) => {
    const retracted = 'The camera shows another view than the one it learned';
    const event = service.store.updateEvent(id, { retracted })!;
    // Once as it is taken back, and once as it ends.
    for (let i = 0; i < 2; i++)
      service.store.addMessages(service.notifier.messagesOf(event, 'end'));
  };
  const first = await alarm();
  await until(() => expect(ntfy.taken).toHaveLength(1));
  withdraw(first.id);
  await until(() => expect(ntfy.taken).toHaveLength(2));
  const { headers, body } = ntfy.taken[1]!;
  expect(JSON.stringify(headers) + body).toContain('Withdrawn: Front door');
  expect(JSON.stringify(headers) + body).toContain('shows another view than the one it learned');
  expect(headers.actions).toBeUndefined();

  await alarm();
  await until(() => expect(ntfy.taken).toHaveLength(3));
  expect(ntfy.taken.filter((one) => JSON.stringify(one).includes('Withdrawn'))).toHaveLength(1);
});

test('ntfy: what it does not take now is sent again later', async () => {
  const ntfy = await HttpReceiver.listen();
  ntfy.status = 503;
  const { alarm, service } = await opened({
    channels: [{ kind: 'ntfy', name: 'Phone', url: ntfy.url, topic: 'alarms', priority: 4 }],
  });
  await alarm();
  await until(() => expect(ntfy.taken.length).toBeGreaterThan(0));
  await until(() =>
    expect(service.store.outboxState().lastError).toMatch(/^channel Phone: answered 503/),
  );
  ntfy.status = 200;
  await until(() => expect(service.store.outboxState().waiting).toBe(0));
});

test('Telegram: a photo with buttons; in an error its token does not stand', async () => {
  const telegram = await HttpReceiver.listen();
  const channel = {
    kind: 'telegram' as const,
    name: 'Bot',
    url: telegram.url,
    token: '123:bot-secret',
    chat: '-100123',
  };
  const { address, alarm } = await opened({ channels: [channel] });
  await alarm();
  await until(() => expect(telegram.taken).toHaveLength(1));
  const [{ path, body }] = telegram.taken as [(typeof telegram.taken)[number]];
  expect(path).toBe('/bot123:bot-secret/sendPhoto');
  const text = body.toString('latin1');
  for (const part of ['-100123', 'Alarm at Front door', 'inline_keyboard', `${PUBLIC}act/`])
    expect(text).toContain(part);

  telegram.status = 400;
  telegram.answer = '{"ok":false,"description":"Bad Request: chat not found"}';
  const { json } = await ask(address, 'POST', '/api/notifications/test', {
    body: { ...channel, token: '***' },
  });
  expect(json).toEqual({ ok: false, answer: 'answered 400: Bad Request: chat not found' });
  const settings = await ask(address, 'GET', '/api/settings');
  expect(settings.text).not.toContain('bot-secret');
});

test('push: encrypted for the browser and signed by the key that the page was given', async () => {
  const push = await HttpReceiver.listen();
  push.status = 201;
  const browser = new PushBrowser();
  const { address, alarm, service } = await opened({
    channels: [{ kind: 'push', name: 'Browsers' }],
  });
  const offered = (await ask(address, 'GET', '/api/push')).json;
  expect(offered.channels).toEqual(['Browsers']);
  const body = {
    channel: 'Browsers',
    device: 'Phone',
    endpoint: `${push.url}/send/1`,
    keys: browser.keys,
  };
  expect((await ask(address, 'POST', '/api/push', { body })).status).toBe(201);
  const { id } = await alarm();
  await until(() => expect(push.taken).toHaveLength(1));
  const [taken] = push.taken as [(typeof push.taken)[number]];
  const { key, claims } = vapidOf(taken);
  expect(key).toBe(offered.publicKey);
  expect(claims.aud).toBe(push.url);
  const read = browser.read(taken) as {
    title: string;
    path: string;
    picture: string;
    actions: { action: string; post: string }[];
  };
  expect(read).toMatchObject({ title: 'Alarm at Front door', path: `events/${id}` });
  expect(taken.body.toString('latin1')).not.toContain('Front door');
  const picture = await ask(address, 'GET', `/${read.picture}`);
  expect(picture.headers['content-type']).toBe('image/jpeg');
  const real = read.actions.find(({ action }) => action === 'real')!;
  expect((await ask(address, 'POST', `/${real.post}`)).status).toBe(200);
  expect(service.store.event(id)).toMatchObject({ verdict: 'real', kept: true });

  // A browser that is gone is forgotten.
  push.status = 410;
  const { json } = await ask(address, 'POST', '/api/notifications/test', {
    body: { kind: 'push', name: 'Browsers' },
  });
  expect(json.ok).toBe(false);
  expect(service.store.pushSubscriptions()).toEqual([]);
});

test('a test shows what the mail server said', async () => {
  const { port } = await listenForMail('me', 'right');
  const { address } = await opened({});
  const body = {
    kind: 'email',
    name: 'Family',
    host: '127.0.0.1',
    port,
    security: 'none',
    username: 'me',
    password: 'wrong',
    from: 'a@example.org',
    to: ['b@example.org'],
  };
  const no = await ask(address, 'POST', '/api/notifications/test', { body });
  expect(no.json.ok).toBe(false);
  expect(no.json.answer).toContain('535');
  const yes = await ask(address, 'POST', '/api/notifications/test', {
    body: { ...body, password: 'right' },
  });
  expect(yes.json).toMatchObject({ ok: true, answer: expect.stringMatching(/^250 /) });
  const hidden = await ask(address, 'POST', '/api/notifications/test', {
    body: { ...body, password: '***' },
  });
  expect([hidden.status, hidden.json.error]).toEqual([
    400,
    'channel Family: no password is kept of it; write it again',
  ]);
});

test.each([
  'http://push.example.org/x',
  'https://127.0.0.1/x',
  'https://[::1]/x',
  'https://router.local/x',
  'https://localhost/x',
])('%s is no push service', (endpoint) => {
  expect(() => requirePushService(endpoint)).toThrow('is no address of a push service');
  expect(() => requirePushService('https://fcm.googleapis.com/fcm/send/x')).not.toThrow();
});

const snoozed = (service: Service) =>
  service.schedule.snoozedUntil(inventedCamera().id)! - Date.now();

test('the snooze button of ntfy and of Telegram puts the camera to sleep for an hour, once', async () => {
  const [ntfy, telegram] = [await HttpReceiver.listen(), await HttpReceiver.listen()];
  const { address, alarm, service } = await opened({
    channels: [
      { kind: 'ntfy', name: 'Phone', url: ntfy.url, topic: 'alarms', priority: 5 },
      { kind: 'telegram', name: 'Bot', url: telegram.url, token: '1:x', chat: '2' },
    ],
  });
  const { camera } = await alarm();
  await until(() => expect([ntfy.taken.length, telegram.taken.length]).toEqual([1, 1]));
  const button = /http, Snooze 1 h, (\S+), method=POST/.exec(
    String(ntfy.taken[0]!.headers.actions),
  );
  const path = button![1]!.replace(PUBLIC, '/');
  expect(service.schedule.quiet(camera)).toBeNull();
  expect((await ask(address, 'POST', path)).json).toMatchObject({ action: 'snooze' });
  expect(service.schedule.quiet(camera)).toBe('snoozed');
  expect(snoozed(service)).toBeGreaterThan(59 * 60_000);
  expect((await ask(address, 'POST', path)).status).toBe(404);

  // A link that can only be opened asks once more: looking at it does nothing.
  service.schedule.snoozes.end(camera);
  const text = telegram.taken[0]!.body.toString();
  const keyboard = /\{"inline_keyboard".*\}\]\]\}/.exec(text)![0];
  const { inline_keyboard: rows } = JSON.parse(keyboard) as {
    inline_keyboard: { text: string; url: string }[][];
  };
  const snooze = rows.flat().find(({ text: words }) => words === 'Snooze 1 h')!;
  const secret = snooze.url.replace(`${PUBLIC}act/`, '');
  const offer = await ask(address, 'GET', `/api/actions/${secret}`);
  expect(offer.json).toMatchObject({ action: 'snooze', cameraName: 'Front door' });
  expect(service.schedule.quiet(camera)).toBeNull();
  expect((await ask(address, 'POST', `/api/actions/${secret}`)).status).toBe(200);
  expect(service.schedule.quiet(camera)).toBe('snoozed');
  const deeds = service.store.deeds({ limit: 5 });
  expect(deeds[0]).toMatchObject({ who: 'a button of a notification', deed: 'Snoozed a camera' });
});

test('a push message has a snooze button that works', async () => {
  const push = await HttpReceiver.listen();
  push.status = 201;
  const browser = new PushBrowser();
  const { address, alarm, service } = await opened({
    channels: [{ kind: 'push', name: 'Browsers' }],
  });
  const body = {
    channel: 'Browsers',
    device: 'Phone',
    endpoint: `${push.url}/send/1`,
    keys: browser.keys,
  };
  await ask(address, 'POST', '/api/push', { body });
  await alarm();
  await until(() => expect(push.taken).toHaveLength(1));
  const { actions } = browser.read(push.taken[0]!) as {
    actions: { action: string; words: string; post: string }[];
  };
  const { post, words } = actions.find(({ action }) => action === 'snooze')!;
  expect(words).toBe('Snooze 1 h');
  expect((await ask(address, 'POST', `/${post}`)).status).toBe(200);
  expect(snoozed(service)).toBeGreaterThan(59 * 60_000);
});
