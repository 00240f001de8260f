import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ask, runningServer } from './running.ts';

const patient = { timeout: 20_000, interval: 20 };

interface Reading {
  readonly response: IncomingMessage;
  readonly request: ClientRequest;
  text: string;
  closed: boolean;
  /** Names and data of what came. */
  messages(): { readonly name: string; readonly data: unknown }[];
}

const open: Reading[] = [];
afterEach(() => {
  for (const { request } of open.splice(0)) request.destroy();
});

function read(address: string, by: string | Record<string, string>, query = ''): Promise<Reading> {
  return new Promise((resolve, reject) => {
    const headers = typeof by === 'string' ? { authorization: `Bearer ${by}` } : by;
    const request = get(`${address}/api/stream${query}`, { agent: false, headers }, (response) => {
      const reading: Reading = {
        response,
        request,
        text: '',
        closed: false,
        messages: () =>
          [...reading.text.matchAll(/event: (.+)\ndata: (.+)\n\n/g)].map(([, name, data]) => ({
            name: name!,
            data: JSON.parse(data!),
          })),
      };
      response.setEncoding('utf8').on('data', (text) => (reading.text += text));
      response.on('error', () => undefined).on('close', () => (reading.closed = true));
      open.push(reading);
      resolve(reading);
    });
    request.on('error', reject);
  });
}

const score = (camera: string, n: number, data = '') => ({
  name: 'score' as const,
  data: {
    camera,
    time: n,
    score: n,
    appearance: 0,
    motion: 0,
    threshold: 1,
    alarm: false,
    heatmap: { width: 1, height: 1, data },
  },
});

describe('live streams', () => {
  const running = runningServer({ limits: { beat: 50, perAddress: 3, patience: 300 } });

  /** Streams of tests before are gone. */
  const none = () =>
    vi.waitFor(async () => {
      const { text } = await running().ask('GET', '/metrics');
      expect(text).toMatch(/^m2s2l_streams_open 0$/m);
    }, patient);

  test('start with every camera and go on with what happens', async () => {
    const { address, viewer, service } = running();
    const reading = await read(address, viewer);
    expect(reading.response.headers['content-type']).toBe('text/event-stream');
    const names = () => reading.messages().map(({ name }) => name);
    await vi.waitFor(() => expect(names()).toContain('notices'), patient);
    // Changes of cameras may follow at once.
    const begin = reading.messages().slice(0, names().indexOf('notices'));
    const cameras = begin.filter(({ name }) => name === 'camera');
    // A threshold is told with the time at which it was asked for.
    const timeless = (camera: unknown) => {
      const { threshold, ...others } = structuredClone(camera) as { threshold?: { time?: number } };
      delete threshold?.time;
      return { ...others, threshold };
    };
    expect(cameras.map(({ data }) => timeless(data))).toEqual(
      service.cameras.all().map((camera) => timeless(JSON.parse(JSON.stringify(camera)))),
    );
    expect(reading.text).not.toContain('hunter2');

    service.events.judge('event-7', 'real');
    service.live.publish(score('yard', 1));
    await vi.waitFor(() => expect(names()).toContain('score'), patient);
    const events = reading.messages().filter(({ name }) => name === 'event');
    expect(events).toMatchObject([{ data: { verdict: 'real' } }]);
    await vi.waitFor(() => expect(reading.text).toContain('\n\n:\n\n'), patient);
  });

  test('of one camera tell of no other', async () => {
    const { address, viewer, service } = running();
    const reading = await read(address, viewer, '?camera=yard');
    service.live.publish(score('entrance', 1));
    service.live.publish(score('yard', 2));
    await vi.waitFor(() => expect(reading.messages().at(-1)?.name).toBe('score'), patient);
    expect(reading.messages().map(({ name }) => name)).toEqual(['camera', 'notices', 'score']);
  });

  test('no more of one address than there may be', async () => {
    await none();
    const { address, viewer, ask } = running();
    for (let i = 0; i < 3; i++) await read(address, viewer);
    const refused = await ask('GET', '/api/stream');
    expect(refused.status).toBe(429);
    expect(refused.json.error).toContain('3 streams of this address');
    open.pop()!.request.destroy();
    await vi.waitFor(async () => {
      expect((await ask('GET', '/api/stream')).status).toBe(200);
    }, patient);
  });

  test('end when their token is removed', async () => {
    await none();
    const { address, server } = running();
    const { token, added } = server.access.addToken('short', 'viewer');
    const reading = await read(address, token);
    await vi.waitFor(() => expect(reading.text).toContain(':\n\n'), patient);
    expect(reading.closed).toBe(false);
    server.access.removeToken(added.id);
    await vi.waitFor(() => expect(reading.closed).toBe(true), patient);
  });

  test('end with their session', async () => {
    await none();
    const { address, viewer, server } = running();
    const { cookie } = server.access.signIn(viewer, '127.0.0.1')!;
    const reading = await read(address, { cookie: `m2s2l_session=${cookie}` });
    await vi.waitFor(() => expect(reading.text).toContain(':\n\n'), patient);
    server.access.signOut(cookie);
    await vi.waitFor(() => expect(reading.closed).toBe(true), patient);
  });

  test('one that is not read is told less, then cut; the others go on', async () => {
    await none();
    const { address, viewer, service, ask: asAdmin } = running();
    const slow = await read(address, viewer);
    const quick = await read(address, viewer, '?camera=entrance');
    slow.response.pause();
    const large = 'A'.repeat(500_000);
    await vi.waitFor(async () => {
      // More and more, until it no longer fits into what the system keeps for a reader.
      for (let i = 0; i < 10; i++) service.live.publish(score('yard', i, large));
      const { text } = await asAdmin('GET', '/metrics');
      expect(Number(/^m2s2l_stream_scores_dropped_total (\d+)$/m.exec(text)![1])).toBeGreaterThan(
        0,
      );
      expect(text).toMatch(/^m2s2l_streams_open 1$/m);
    }, patient);
    service.live.publish(score('entrance', 60));
    await vi.waitFor(() => expect(quick.messages().at(-1)?.name).toBe('score'), patient);
    expect(quick.closed).toBe(false);
  });
});

describe('a server that closes', () => {
  const running = runningServer();

  test('waits neither for streams nor for requests that were half sent', async () => {
    const { address, viewer, server, service } = running();
    const reading = await read(address, viewer);
    const half = connect(Number(new URL(address).port), '127.0.0.1');
    half.on('error', () => undefined).write('POST /api/session HTTP/1.1\r\nHost: localhost\r\n');
    await ask(address, 'GET', '/health/live');
    expect(service.live.listened).toBe(true);
    await server.close();
    expect(service.live.listened).toBe(false);
    await vi.waitFor(() => expect([reading.closed, half.destroyed]).toEqual([true, true]), patient);
    await expect(ask(address, 'GET', '/health/live')).rejects.toThrow(/ECONNREFUSED/);
  });
});
