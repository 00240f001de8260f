import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import { serverSettings } from '../../../src/service/config/server-settings.ts';
import { configurationFile } from '../../../src/service/contract/settings.ts';
import { nginxIsHere, startNginx } from './nginx.ts';
import { ask, runningServer } from './running.ts';

const page = mkdtempSync(join(tmpdir(), 'm2s2l-test-'));
writeFileSync(join(page, 'index.html'), '<base href="/" /><title>m2s2l</title>');
afterAll(() => rmSync(page, { recursive: true }));

describe('on loopback, where no token is needed,', () => {
  const running = runningServer({ requireToken: false });
  const status = async (headers: Record<string, string>) =>
    (await ask(running().address, 'GET', '/api/settings', { headers })).status;

  test.each([
    { origin: 'https://example.org' },
    { origin: 'https://example.org', 'sec-fetch-site': 'same-origin' },
    { referer: 'https://example.org/cameras/' },
    { referer: 'no address' },
    { 'x-forwarded-proto': 'https' },
    { 'x-forwarded-for': '127.0.0.1' },
    { 'x-real-ip': '203.0.113.9' },
    { 'cf-connecting-ip': '203.0.113.9' },
    { via: '1.1 proxy' },
    { 'x-forwarded': 'for=203.0.113.9' },
    { 'forwarded-for': '203.0.113.9' },
    { 'cdn-loop': 'cloudflare' },
    { 'x-amzn-trace-id': 'Root=1-67891233-abcdef012345678912345678' },
    { 'x-azure-clientip': '203.0.113.9' },
    { 'tailscale-user-login': 'me@example.org' },
    { 'x-remote-addr': '203.0.113.9' },
    { 'remote-user': 'me' },
    { host: '127.0.0.1.example.org' },
    { host: 'localhost.' },
    { host: '127.0.0.1@example.org' },
    { host: '2130706433' },
    { referer: 'http://localhost.example.org/' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1.example.org' },
  ] as Record<string, string>[])('nobody is let in by %o', async (headers) => {
    expect([401, 403]).toContain(await status(headers));
  });

  test('a page of this machine is', async () => {
    const { port } = new URL(running().address);
    expect(await status({ referer: `http://127.0.0.1:${port}/events` })).toBe(200);
    const host = `localhost:${port}`;
    expect(await status({ host, origin: `http://${host}`, referer: `http://${host}/` })).toBe(200);
  });

  test('HTTP/1.0, as proxies speak it, is not of this machine', async () => {
    const { hostname, port } = new URL(running().address);
    const socket = createConnection(Number(port), hostname);
    socket.write(`GET /api/settings HTTP/1.0\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    const answer = await socket.setEncoding('utf8').toArray();
    expect(answer.join('')).toMatch(/^HTTP\/1.1 401 /);
  });

  test.runIf(nginxIsHere)('the plainest nginx makes nobody an admin', async () => {
    const nginx = await startNginx(
      `server { listen 127.0.0.1:PORT; location / { proxy_pass ${running().address}; } }`,
    );
    expect((await ask(nginx, 'GET', '/api/settings')).status).toBe(401);
    const headers = { host: 'example.org', referer: 'http://example.org/' };
    expect((await ask(nginx, 'GET', '/api/settings', { headers })).status).toBe(401);
    const { address } = running();
    expect((await ask(address, 'GET', '/api/settings')).status).toBe(200);
  });
});

describe('with a trusted proxy under a path', () => {
  const running = runningServer({
    requireToken: false,
    trustProxy: true,
    basePath: '/cameras/',
    page,
    limits: { perAddress: 2 },
  });
  const asked = (path: string, options: Parameters<typeof ask>[3] = {}) =>
    ask(running().address, 'GET', path, options);

  test('a token is needed from this machine, too', async () => {
    expect((await asked('/api/settings')).status).toBe(401);
    expect((await asked('/api/settings', { token: running().admin })).status).toBe(200);
  });

  test.each(['/', '/cameras', '/cameras/', '/cameras/events', '/events', '/cameras/cameras/yard'])(
    'the page is at %s, and its addresses begin with the path',
    async (path) => {
      expect((await asked(path)).text).toContain('<base href="/cameras/"');
    },
  );

  test('the API is with and without the path, and the cookie is for the path', async () => {
    for (const path of ['/cameras/api/session', '/api/session']) {
      const opened = await ask(running().address, 'POST', path, {
        body: { token: running().admin },
        headers: { 'x-forwarded-proto': 'https' },
      });
      expect(opened.headers['set-cookie']![0]).toContain('Path=/cameras/api;');
      expect(opened.headers['set-cookie']![0]).toContain('Secure');
    }
  });

  test('wrong tokens of one client hold up no other', async () => {
    const from = (client: string, token: string) =>
      asked('/api/settings', { token, headers: { 'x-forwarded-for': client } });
    // The first waits are shorter than a request on a busy machine.
    let status = 0;
    for (let i = 0; i < 15 && status !== 429; i++)
      ({ status } = await from('203.0.113.9', 'wrong'));
    expect(status).toBe(429);
    expect((await from('203.0.113.10', 'wrong')).status).toBe(401);
    // What a client says of itself in front of the proxy's word counts for nothing.
    expect((await from('203.0.113.10, 203.0.113.9', 'wrong')).status).toBe(429);
  });

  test.each([
    { 'x-forwarded-for': 'unknown' },
    { 'x-forwarded-for': '[::1]:80, "x", ,,' },
    { 'x-forwarded-for': '203.0.113.7, '.repeat(500) },
    { 'x-forwarded-for': '999.999.999.999' },
    { 'x-forwarded-host': 'a, "><script>, b' },
    { 'x-forwarded-host': '' },
    { 'x-forwarded-proto': 'javascript' },
    { 'x-forwarded-proto': 'https, http, ' },
    { forwarded: 'for=";;;";proto=' },
  ] as Record<string, string>[])(
    '%o is answered as any request, and lets nobody in',
    async (headers) => {
      expect((await asked('/api/settings', { headers })).status).toBe(401);
      expect((await asked('/api/settings', { headers, token: running().admin })).status).toBe(200);
      const page = await asked('/cameras/', { headers });
      expect(page.status).toBe(200);
      expect(page.text).not.toContain('script>');
    },
  );

  test.runIf(nginxIsHere)('the nginx of the documentation does', async () => {
    const documented = /```nginx\n([\s\S]*?)```/.exec(readFileSync('docs/proxy.md', 'utf8'))![1]!;
    const block = documented
      .replace('listen 443 ssl', 'listen 127.0.0.1:PORT')
      .replaceAll(/^\s*ssl_certificate.*$/gm, '')
      .replace('http://127.0.0.1:8480', running().address);
    const nginx = await startNginx(block);
    const { host } = new URL(nginx);
    expect((await ask(nginx, 'GET', '/cameras/')).text).toContain('<base href="/cameras/"');
    const opened = await ask(nginx, 'POST', '/cameras/api/session', {
      body: { token: running().admin },
      headers: { origin: nginx },
    });
    expect(opened.status).toBe(200);
    const cookie = opened.headers['set-cookie']![0]!.split(';')[0]!;
    // An older browser, which says only whose page asks.
    const stop = await ask(nginx, 'POST', '/cameras/api/cameras/yard/stop', {
      headers: { cookie, origin: `http://${host}` },
    });
    expect(stop.status).toBe(200);
    const stream = await ask(nginx, 'GET', '/cameras/api/stream', { headers: { cookie } });
    expect(stream.text).toContain('event: camera');
    for (const [client, status] of [
      ['198.51.100.1', 401],
      ['198.51.100.2', 401],
    ] as const) {
      // Each claims an address that nginx does not believe.
      const answer = await ask(nginx, 'GET', '/cameras/api/settings', {
        headers: { 'x-forwarded-for': client },
      });
      expect(answer.status).toBe(status);
    }
  });
});

if (!nginxIsHere) console.warn('nginx is not installed: the tests that run it are left out');

test('the command line counts before the file, and an address gives the base path', () => {
  const { server } = configurationFile.parse({ server: { basePath: '/a/', port: 1 } });
  const file = { ...configurationFile.parse({}), server };
  expect(serverSettings(file, { basePath: '/b/' })).toMatchObject({ basePath: '/b/', port: 1 });
  const empty = configurationFile.parse({});
  expect(serverSettings(empty, { publicUrl: 'https://example.org/cameras' })).toMatchObject({
    basePath: '/cameras/',
    trustProxy: false,
  });
  for (const wrong of [{ basePath: 'cameras' }, { publicUrl: 'example.org' }])
    expect(() => serverSettings(empty, wrong)).toThrow(UserError);
});

test.each(['example.org', '10.0.0.0/33', '1.2.3', '::/129', ''])(
  'an address of a proxy that is none is one line: %s',
  async (proxy) => {
    const { Server } = await import('../../../src/service/api/server.ts');
    const options = { host: '127.0.0.1', port: 0, requireToken: true, trustProxy: [proxy] };
    expect(() => new Server(options as never)).toThrow(UserError);
  },
);
