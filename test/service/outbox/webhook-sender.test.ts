import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { CameraStatus } from '../../../src/service/contract/camera.ts';
import { serviceSettings } from '../../../src/service/contract/settings.ts';
import { webhookMessages } from '../../../src/service/outbox/message.ts';
import { type WebhookOptions, WebhookSender } from '../../../src/service/outbox/webhook-sender.ts';
import { StoreFull } from '../../../src/service/parts.ts';
import type { SqlStore } from '../../../src/service/store/sql-store.ts';
import { openStore } from '../../../src/service/store/sqlite/open-store.ts';
import { temporaryFolders } from '../../files/temporary-folder.ts';
import { inventedCamera, inventedEvent } from '../store/invented.ts';

const temporary = temporaryFolders();
const secret = 'not to be told';
let folder: string;
let store: SqlStore;
let givenUp: string[];
let sender: WebhookSender | undefined;

beforeEach(async () => {
  folder = await temporary();
  store = openStore(folder);
  store.saveCamera(inventedCamera());
  givenUp = [];
});

afterEach(async () => {
  await sender?.stop();
  sender = undefined;
  store.close();
});

interface Post {
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

/** A receiver of webhooks: what it got, and what it answers to the n-th. */
async function receiver(answer: (response: ServerResponse, n: number) => void) {
  const posts: Post[] = [];
  let open = 0;
  const seen = { url: '', posts, mostAtOnce: 0 };
  const server = createServer(async (request, response) => {
    seen.mostAtOnce = Math.max(seen.mostAtOnce, ++open);
    response.on('close', () => open--);
    let body = '';
    for await (const chunk of request) body += chunk;
    posts.push({ body, headers: request.headers });
    answer(response, posts.length);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  seen.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?key=private`;
  return seen;
}

const ok = (response: ServerResponse) => response.end('thanks');
const status = (code: number) => (response: ServerResponse) => response.writeHead(code).end();

/** Tells the settings of these addresses. */
function watchedBy(...urls: string[]): void {
  store.saveSettings(serviceSettings.parse({ webhooks: urls.map((url) => ({ url, secret })) }));
}

/** So many events, each announced to all; their ids. */
function announce(count = 1): string[] {
  return Array.from({ length: count }, () => {
    const event = inventedEvent({ start: Date.now() });
    const told = {
      ...event,
      cameraName: 'Front door',
      verdict: 'open' as const,
      kept: false,
      note: null,
      thumbnail: false,
      clip: false,
      clipMissing: null,
      effect: null,
      retracted: null,
    };
    const { webhooks } = store.settings();
    store.addEvent(event, webhookMessages(webhooks, { kind: 'alarm', event: told }, Date.now()));
    return event.id;
  });
}

function send(options: WebhookOptions = {}): void {
  const listener = { onGivenUp: (reason: string) => givenUp.push(reason) };
  const quick = { firstWait: 20, longestWait: 200, look: 20, timeout: 20_000, ...options };
  sender = new WebhookSender(store, listener, quick);
  sender.start();
}

const eventOf = ({ body }: Post): string => JSON.parse(body).event.id;
const waiting = () => store.outboxState().waiting;
const until = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 20 });
const delivered = () => until(() => expect(waiting()).toBe(0));

test('a message is signed, says what happened, and is delivered once where it is taken', async () => {
  const { url, posts } = await receiver(ok);
  watchedBy(url);
  const [id] = announce();
  send();
  await delivered();
  expect(posts.length).toBe(1);
  const { body, headers } = posts[0]!;
  const message = JSON.parse(body);
  expect(message).toMatchObject({
    kind: 'alarm',
    service: { name: 'm2s2l' },
    event: { id, camera: 'door', cameraName: 'Front door' },
  });
  expect(headers['m2s2l-event-id']).toBe(message.id);
  const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(headers['m2s2l-signature'] as string)!;
  expect(v1).toBe(createHmac('sha256', secret).update(`${t}.${body}`).digest('hex'));
  expect(Math.abs(Number(t) - Date.now() / 1000)).toBeLessThan(120);
});

test('a message that is not taken is tried again, with the same id, by the next run too', async () => {
  const { url, posts } = await receiver((response, n) => status(n < 4 ? 500 : 200)(response));
  watchedBy(url);
  announce();
  send({ longestWait: 30 });
  await until(() => expect(posts.length).toBeGreaterThanOrEqual(2));
  await sender!.stop();
  store.close();
  store = openStore(folder);
  if (waiting() > 0)
    expect(store.outboxState().lastError).toMatch(/^webhook 127[^/]*: answered 500$/);
  send();
  await delivered();
  expect(posts.length).toBeGreaterThanOrEqual(4);
  expect(new Set(posts.map(({ headers }) => headers['m2s2l-event-id'])).size).toBe(1);
});

test('addresses that are dead, never answer or refuse a message hinder no other, and none gets two at once', async () => {
  const good = await receiver((response) => void setTimeout(() => ok(response), 5));
  const silent = await receiver(() => undefined);
  // Refuses the first message until it has all others.
  const picky = await receiver((response, n) => {
    const refused =
      eventOf(picky.posts[n - 1]!) === ids[0] && new Set(picky.posts.map(eventOf)).size < 30;
    status(refused ? 400 : 200)(response);
  });
  const gone = 'http://127.0.0.1:1/';
  watchedBy(gone, silent.url, picky.url, good.url);
  const ids = announce(30);
  send({ timeout: 60_000 });
  await until(() => expect(good.posts.length).toBe(30));
  expect(good.posts.map(eventOf)).toEqual(ids);
  await until(() => expect(waiting()).toBe(60));
  expect(picky.posts.map(eventOf).at(-1)).toBe(ids[0]);
  expect(silent.posts.map(eventOf)).toEqual([ids[0]]);
  expect(Math.max(good.mostAtOnce, silent.mostAtOnce, picky.mostAtOnce)).toBe(1);
  // What was broken off is no failure.
  await sender!.stop();
  const left = store.outbox(Date.now(), 100).filter(({ url }) => url === silent.url);
  expect(left[0]).toMatchObject({ attempts: 0 });
  expect(left.length).toBe(30);
});

test('an address that gave no answer in time is tried again later', async () => {
  const { url, posts } = await receiver((response, n) => n > 1 && ok(response));
  watchedBy(url);
  announce();
  send({ timeout: 300 });
  await until(() => expect(store.outboxState().lastError).toContain('no answer within 0.3 s'));
  await delivered();
  expect(posts.length).toBeGreaterThanOrEqual(2);
});

test('a redirect is not followed', async () => {
  const elsewhere = await receiver(ok);
  const { url } = await receiver((response) =>
    response.writeHead(307, { location: elsewhere.url }).end(),
  );
  watchedBy(url);
  announce();
  send();
  await until(() => expect(store.outboxState().lastError).toContain('answered 307'));
  expect(elsewhere.posts).toEqual([]);
});

test('an answer without an end is not read to its end', async () => {
  const { url } = await receiver((response) => {
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(1000)));
    };
    response.on('drain', more).on('error', () => undefined);
    more();
  });
  watchedBy(url);
  announce();
  send();
  await delivered();
});

test('messages are given up after their time, and that is told without the secret of the address', async () => {
  const { url, posts } = await receiver(status(503));
  watchedBy(url);
  announce(20);
  send({ giveUpAfter: 0, leastAttempts: 3 });
  await delivered();
  // The first had its attempts; by then it is the address that is dead.
  expect(posts.length).toBe(3 + 19);
  expect(givenUp).toEqual(
    Array(20).fill(`webhook ${new URL(url).host}: answered 503; a message to it was given up`),
  );
});

test('a webhook that was removed gets nothing more; a new secret signs what waited', async () => {
  const { url, posts } = await receiver(ok);
  const removed = await receiver(ok);
  watchedBy(url, removed.url);
  announce(2);
  store.saveSettings(serviceSettings.parse({ webhooks: [{ url, secret: 'a new secret' }] }));
  send();
  await delivered();
  expect(removed.posts).toEqual([]);
  expect(givenUp.length).toBe(2);
  const { body, headers } = posts[0]!;
  const [, t, v1] = /^t=(\d+),v1=(.*)$/.exec(headers['m2s2l-signature'] as string)!;
  expect(v1).toBe(createHmac('sha256', 'a new secret').update(`${t}.${body}`).digest('hex'));
});

test('only the kinds are told that a webhook asks for', () => {
  const { webhooks } = serviceSettings.parse({
    webhooks: [
      { url: 'http://a/', secret },
      { url: 'http://b/', secret, kinds: ['alarm', 'camera'] },
    ],
  });
  const camera = { id: 'door' } as CameraStatus;
  const messages = webhookMessages(webhooks, { kind: 'camera', camera }, 5);
  expect(messages.map(({ url }) => url)).toEqual(['http://b/']);
  expect(JSON.parse(messages[0]!.body)).toMatchObject({ kind: 'camera', time: 5, camera });
});

test('on a full disk what was delivered is not sent over and over', async () => {
  const { url, posts } = await receiver(ok);
  watchedBy(url);
  announce();
  let full = true;
  let refused = 0;
  const done = store.outboxDone.bind(store);
  store.outboxDone = (id) => {
    if (full) {
      refused++;
      throw new StoreFull();
    }
    done(id);
  };
  send();
  await until(() => expect(refused).toBeGreaterThan(3));
  expect(posts.length).toBe(1);
  full = false;
  await delivered();
  expect(posts.length).toBe(1);
});
