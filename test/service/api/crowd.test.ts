import { get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { ReadingProgress } from '../../../src/service/api/reading-progress.ts';
import { ask, runningServer } from './running.ts';

const patient = { timeout: 60_000, interval: 50 };
const sockets: { destroy(): void }[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

const running = runningServer({
  limits: { streams: 6, perAddress: 6, forAdmins: 2, beat: 50, patience: 400 },
});

function open(token: string): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const request = get(`${running().address}/api/stream`, { agent: false, headers }, resolve);
    request.on('error', reject);
    sockets.push(request);
  });
}

test.each([
  'GET / HTTP/1.1\r\nHost: half',
  'POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
])('six hundred requests that are half sent shut nobody out: %j', async (half) => {
  const { address, admin } = running();
  const { port } = new URL(address);
  const all = await Promise.all(
    Array.from(
      { length: 600 },
      () =>
        new Promise<Socket>((resolve) => {
          const socket = connect(Number(port), '127.0.0.1', () => {
            socket.write(half);
            resolve(socket);
          });
          socket.on('error', () => undefined);
          sockets.push(socket);
        }),
    ),
  );
  expect(all.length).toBe(600);
  expect((await ask(address, 'GET', '/api/settings', { token: admin })).status).toBe(200);
});

test('viewers leave streams for admins', async () => {
  const { server, admin } = running();
  const viewers = [1, 2].map((n) => server.access.addToken(`viewer ${n}`, 'viewer').token);
  for (let i = 0; i < 4; i++) expect((await open(viewers[i % 2]!)).statusCode).toBe(200);
  expect((await open(viewers[0]!)).statusCode).toBe(429);
  expect((await open(admin)).statusCode).toBe(200);
});

test('a viewer who signs in again and again ends no session of others', async () => {
  const { address, server, admin, viewer } = running();
  const { cookie } = server.access.signIn(admin, '10.0.0.1')!;
  for (let i = 0; i < 1500; i++) server.access.signIn(viewer, '10.0.0.2');
  const headers = { cookie: `m2s2l_session=${cookie}` };
  expect((await ask(address, 'GET', '/api/settings', { headers })).status).toBe(200);
});

test('a stream that is not read is cut long before all buffers are full', async () => {
  const { service, viewer } = running();
  const metrics = async () => (await running().ask('GET', '/metrics')).text;
  await vi.waitFor(async () => expect(await metrics()).toMatch(/streams_open 0$/m), patient);
  const reading = await open(viewer);
  reading.pause();
  reading.on('error', () => undefined);
  // Little beside the megabytes that the system keeps, more than a reader's own buffer.
  for (let n = 0; n < 50; n++) {
    service.live.publish({ name: 'notices', data: [String(n).padEnd(20_000, 'x')] });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await vi.waitFor(async () => expect(await metrics()).toMatch(/streams_open 0$/m), patient);
});

test('a reader that takes what it is sent has not stalled, however slowly', () => {
  const socket = { bytesWritten: 1000, writableLength: 0 };
  const progress = new ReadingProgress(socket, 300);
  expect(progress.stalled(500, 0)).toBe(false);
  expect(progress.stalled(499, 1000)).toBe(false);
  expect(progress.stalled(499, 1200)).toBe(false);
  expect(progress.stalled(499, 1300)).toBe(true);
  expect(progress.stalled(0, 2000)).toBe(false);
  expect(progress.stalled(0, 9000)).toBe(false);
  expect(progress.stalled(undefined, 9000)).toBe(false);
});
