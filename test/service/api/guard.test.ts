import { describe, expect, test } from 'vitest';
import type { Route } from '../../../src/service/api/route.ts';
import { routes } from '../../../src/service/api/routes.ts';
import { type Asked, ask, runningServer } from './running.ts';

/** What may be asked by anybody: whoever adds a route here does so on purpose. */
const PUBLIC = [
  'GET /health/live',
  'GET /health/ready',
  'GET /api/openapi.json',
  'GET /api/session',
  'POST /api/session',
  'DELETE /api/session',
  // A link is what lets in there.
  'GET /api/shared/:link',
  'GET /api/shared/:link/thumbnail',
  'GET /api/shared/:link/heatmap',
  'GET /api/shared/:link/clip',
  'GET /api/shared/:link/picture',
  'GET /api/actions/:link',
  'POST /api/actions/:link',
];

/** What a viewer may send: about their own browsers, and what is only asked. */
const VIEWERS = [
  'POST /api/push',
  'DELETE /api/push/devices/:device',
  'POST /api/cameras/:camera/regions/preview',
];

const ids: Readonly<Record<string, string>> = {
  camera: 'yard',
  event: 'event-1',
  odd: 'odd-3',
  token: 'no-such-token',
  link: 'x'.repeat(43),
  shared: 'no-such-link',
  device: 'no-such-device',
  person: 'no-such-person',
};
const pathOf = ({ path }: Route) => path.replaceAll(/:(\w+)/g, (_, name: string) => ids[name]!);

const running = runningServer();

const refused = (status: number) => status === 401 || status === 403 || status === 429;

test('every route has a role, and what is public is known', () => {
  const names = routes.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(names).size).toBe(names.length);
  for (const { role } of routes) expect(['public', 'viewer', 'operator', 'admin']).toContain(role);
  const open = routes.filter(({ role }) => role === 'public');
  expect(open.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(PUBLIC.toSorted());
  for (const { method, path, role } of routes)
    if (method !== 'GET' && !path.startsWith('/api/session') && role !== 'public')
      expect(VIEWERS.includes(`${method} ${path}`), `${method} ${path} changes something`).toBe(
        role === 'viewer',
      );
});

describe.each(routes.map((route) => [route.method, route.path, route] as const))(
  '%s %s',
  (method, _, route) => {
    const { role } = route;
    const status = async (asked: Asked) =>
      (await ask(running().address, method, pathOf(route), asked)).status;
    const cookie = async () => {
      const { address, admin } = running();
      const opened = await ask(address, 'POST', '/api/session', { body: { token: admin } });
      return { cookie: opened.headers['set-cookie']![0]!.split(';')[0]! };
    };

    test('without a token', async () => {
      const got = await status({});
      if (role === 'public') expect(refused(got)).toBe(false);
      else expect(got).toBe(401);
    });

    test('as a viewer', async () => {
      const got = await status({ token: running().viewer });
      if (role === 'admin' || role === 'operator') expect(got).toBe(403);
      else expect(refused(got)).toBe(false);
    });

    test('as an admin', async () => {
      expect(refused(await status({ token: running().admin }))).toBe(false);
    });

    test('by the session of an admin, from a page of another host', async () => {
      const headers = await cookie();
      const open = role === 'public' && method === 'GET';
      for (const from of [
        { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { origin: 'null' },
        { origin: 'https://evil.example' },
      ] as Record<string, string>[]) {
        const got = await status({ headers: { ...headers, ...from } });
        if (open) expect(refused(got)).toBe(false);
        else expect(got, JSON.stringify(from)).toBe(403);
      }
    });

    test('by the session of an admin, from nowhere', async () => {
      const got = await status({ headers: await cookie() });
      if (method === 'GET') expect(refused(got)).toBe(false);
      else expect(got).toBe(403);
    });

    test('by the session of an admin, from our own page', async () => {
      const origin = running().address;
      const headers = { ...(await cookie()), origin, 'sec-fetch-site': 'same-origin' };
      expect(refused(await status({ headers }))).toBe(false);
    });
  },
);

describe('on loopback, where no token is needed,', () => {
  const running = runningServer({ requireToken: false });
  const status = async (method: string, path: string, headers: Record<string, string> = {}) =>
    (await ask(running().address, method, path, { headers })).status;

  test('programs of this machine are let in', async () => {
    expect(await status('GET', '/api/settings')).toBe(200);
    expect(await status('POST', '/api/cameras/yard/stop')).toBe(200);
    expect(await status('GET', '/api/service', { host: 'localhost:8480' })).toBe(200);
    expect(await status('GET', '/api/service', { host: '[::1]:8480' })).toBe(200);
  });

  test.each([
    ['a name that was made to point here', { host: 'evil.example' }, 401],
    ['a name that only looks like ours', { host: 'localhost.evil.example' }, 401],
    ['a number that only looks like ours', { host: '127.0.0.1.evil.example' }, 401],
    ['what a proxy hands on', { 'x-forwarded-for': '203.0.113.9' }, 401],
    ['what a proxy hands on, newer', { forwarded: 'for=203.0.113.9' }, 401],
    ['a page of another host', { 'sec-fetch-site': 'cross-site' }, 403],
    ['an older page of another host', { origin: 'https://evil.example' }, 403],
  ])('but not %s', async (_, headers, expected) => {
    for (const [method, path] of [
      ['GET', '/api/settings'],
      ['POST', '/api/cameras/yard/stop'],
    ] as const)
      expect(await status(method, path, headers)).toBe(expected);
  });

  test('a token counts all the same', async () => {
    const { address, viewer } = running();
    expect((await ask(address, 'GET', '/api/tokens', { token: viewer })).status).toBe(403);
    expect((await ask(address, 'GET', '/api/tokens', { token: 'wrong' })).status).toBe(401);
  });
});
