import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import { writeMessage } from '../../../src/service/api/live-stream.ts';
import { SetInFile } from '../../../src/service/config/set-in-file.ts';
import { StoreFull } from '../../../src/service/parts.ts';
import { ask, runningServer } from './running.ts';

const running = runningServer();

describe('requests are checked', () => {
  test.each([
    ['POST', '/api/cameras', { name: 'A' }, 'source: '],
    [
      'POST',
      '/api/cameras',
      { name: 'A', source: { kind: 'rtsp', url: 'http://x' } },
      'source.url: ',
    ],
    ['POST', '/api/cameras', { name: 'A', source: { kind: 'shell' } }, 'source.kind: '],
    ['PATCH', '/api/cameras/yard', { budget: { alarmsPerDay: 'many' } }, 'budget.alarmsPerDay: '],
    ['PATCH', '/api/cameras/yard', { colour: 'red' }, 'colour: is not a known key'],
    ['PATCH', '/api/events/event-1', { verdict: 'perhaps' }, 'verdict: '],
    [
      'PUT',
      '/api/settings',
      { webhooks: [{ url: 'ftp://x', secret: '12345678' }] },
      'webhooks[0].url: ',
    ],
    ['GET', '/api/events?limit=0', undefined, 'limit: '],
    ['GET', '/api/cameras/yard/scores?from=0', undefined, 'to: '],
    ['GET', '/api/cameras/yard/scores?from=0&to=9e15', undefined, 'to: must be later than from'],
    ['GET', '/api/cameras/yard/scores?from=2&to=1', undefined, 'to: must be later than from'],
    ['POST', '/api/tokens', { name: 'x', role: 'root' }, 'role: '],
  ])('%s %s with %j', async (method, path, body, line) => {
    const { status, json } = await running().ask(method, path, { body });
    expect(status).toBe(400);
    expect(Object.keys(json)).toEqual(['error']);
    expect(json.error.startsWith(line), json.error).toBe(true);
    expect(json.error).not.toContain('\n');
  });

  test.each([
    '/api/cameras/..%2f..%2fetc%2fpasswd',
    '/api/cameras/Yard',
    '/api/cameras/ya.rd',
    '/api/events/..%2f/clip',
    '/api/events/%00/thumbnail',
    `/api/events/${'x'.repeat(64)}y`,
  ])('GET %s is no id', async (path) => {
    const { status, json } = await running().ask('GET', path);
    expect([status, json.error]).toEqual([400, expect.stringMatching(/: is not a valid id$/)]);
    expect(Object.keys(json)).toEqual(['error']);
  });

  test('what is not valid JSON, and what is another type', async () => {
    const { ask } = running();
    expect((await ask('POST', '/api/cameras', { body: '{"name":' })).status).toBe(400);
    const text = { 'content-type': 'text/plain' };
    expect((await ask('POST', '/api/cameras', { body: '{}', headers: text })).status).toBe(415);
    const broken = await ask('POST', '/api/cameras', { body: '{"__proto__":{"name":"x"}}' });
    expect(broken.status).toBe(400);
  });

  test('a body above 64 kB is refused', async () => {
    const body = { name: 'x'.repeat(70_000), source: { kind: 'usb', device: '/dev/video0' } };
    const { status, json } = await running().ask('POST', '/api/cameras', { body });
    expect(status).toBe(413);
    expect(json.error).toBeTypeOf('string');
  });

  test('what does not exist', async () => {
    const { ask } = running();
    for (const path of [
      '/api/cameras/nobody',
      '/api/cameras/nobody/picture',
      '/api/cameras/nobody/odd-minutes',
      '/api/events/nothing',
      '/api/events/nothing/clip',
      '/api/nothing',
    ]) {
      const { status, json } = await ask('GET', path);
      expect(status, path).toBe(404);
      expect(json.error).toMatch(/^there is no/);
    }
    expect((await ask('DELETE', '/api/cameras/nobody')).status).toBe(404);
    expect((await ask('PATCH', '/api/cameras/nobody', { body: {} })).status).toBe(404);
  });
});

describe('errors of the service', () => {
  const cause = async (error: Error) => {
    const { service, ask } = running();
    const before = service.cameras.resume;
    service.cameras.resume = () => Promise.reject(error);
    const answered = await ask('POST', '/api/cameras/yard/start');
    service.cameras.resume = before;
    return { status: answered.status, error: answered.json.error as string };
  };

  test.each([
    [new UserError('yard: no room\nfor it'), 400, 'yard: no room for it'],
    [new SetInFile('yard: is set in m2s2l.json'), 409, 'yard: is set in m2s2l.json'],
    [new StoreFull('the disk is full'), 507, 'the disk is full'],
    [new Error('at secret.ts:1'), 500, 'internal error; see the service log'],
  ])('%s', async (error, status, line) => {
    expect(await cause(error)).toEqual({ status, error: line });
  });
});

describe('cameras', () => {
  const body = {
    name: 'Side door',
    source: { kind: 'rtsp', url: 'rtsp://operator:hunter2@10.0.0.30/live?password=hunter3' },
  };

  test('from the first to the last: no answer holds a password', async () => {
    const { ask, service } = running();
    const added = await ask('POST', '/api/cameras', { body });
    expect(added.status).toBe(201);
    const { id, settings } = added.json;
    expect(settings.source.url).toBe('rtsp://***@10.0.0.30/live?password=***');

    const path = `/api/cameras/${id}`;
    const source = { ...settings.source, transport: 'udp' };
    const changed = await ask('PATCH', path, { body: { source, fps: 5 } });
    expect(changed.json.settings).toMatchObject({ name: 'Side door', fps: 5, source });
    const stored = service.store.cameras().find((camera) => camera.id === id)!;
    expect(stored.settings.source).toMatchObject({ url: body.source.url });

    const elsewhere = { ...source, url: 'rtsp://***@203.0.113.9/live' };
    const stolen = await ask('PATCH', path, { body: { source: elsewhere } });
    expect(stolen.status).toBe(400);
    expect(stolen.json.error).toContain('write them again');

    expect((await ask('PATCH', path, { body: { name: 'Other' } })).json.settings.fps).toBe(5);
    for (const answered of [
      added,
      changed,
      stolen,
      await ask('GET', path),
      await ask('GET', '/api/cameras'),
    ])
      expect(answered.text).not.toMatch(/operator|hunter/);
    expect((await ask('DELETE', path)).status).toBe(204);
    expect((await ask('GET', path)).status).toBe(404);
  });

  test('no answer holds one that the service itself lets out', async () => {
    const { ask, service } = running();
    const { status } = service.cameras;
    const told = status.call(service.cameras, 'yard')!;
    const source = { kind: 'rtsp', url: 'rtsp://operator:hunter2@x/', transport: 'tcp' } as const;
    const careless = { ...told, settings: { ...told.settings, source } };
    service.cameras.status = () => careless;
    const { text } = await ask('GET', '/api/cameras/yard');
    service.cameras.status = status;
    expect(text).toContain('rtsp://***@x/');
    expect(text).not.toMatch(/operator|hunter/);
    expect(writeMessage({ name: 'camera', data: careless }).text).not.toMatch(/operator|hunter/);
  });

  test('stop, start, learn', async () => {
    const { ask } = running();
    expect((await ask('POST', '/api/cameras/yard/stop')).json.state).toBe('stopped');
    expect((await ask('POST', '/api/cameras/yard/start')).json.state).toBe('watching');
    const learn = await ask('POST', '/api/cameras/shed/learn', { body: {} });
    expect(learn.json).toMatchObject({ state: 'watching', progress: { phase: 'collecting' } });
  });

  test('a test picture, or why there is none', async () => {
    const { ask } = running();
    const good = { kind: 'http', url: 'http://10.0.0.1/' };
    const tested = await ask('POST', '/api/cameras/test', { body: good });
    expect(tested.json.picture).toMatch(/^data:image\/jpeg;base64,/);
    const bad = { kind: 'rtsp', url: 'rtsp://offline/' };
    expect((await ask('POST', '/api/cameras/test', { body: bad })).status).toBe(400);
  });

  test('the picture, once each', async () => {
    const { ask, decoders, service } = running();
    const picture = service.cameras.picture('yard')!;
    const first = await ask('GET', '/api/cameras/yard/picture');
    expect(first.headers['content-type']).toBe('image/jpeg');
    expect(first.bytes.equals(picture.jpeg)).toBe(true);
    const headers = { 'if-none-match': first.headers.etag! };
    expect((await ask('GET', '/api/cameras/yard/picture', { headers })).status).toBe(304);
    decoders.get('Back yard')!.listener.onPicture({ ...picture, time: picture.time + 1 });
    expect((await ask('GET', '/api/cameras/yard/picture', { headers })).status).toBe(200);
  });

  test('scores, the budget, odd minutes', async () => {
    const { ask } = running();
    const now = Date.now();
    const scores = await ask(
      'GET',
      `/api/cameras/yard/scores?from=${now - 3_600_000}&to=${now}&points=60`,
    );
    expect(scores.json.scores.length).toBe(60);
    const budget = await ask('GET', '/api/cameras/yard/budget?alarmsPerDay=1');
    expect(budget.json.alarmsPerDay).toBe(1);
    const unseen = await ask('GET', '/api/cameras/car-park/budget?alarmsPerDay=1');
    expect([unseen.status, unseen.json.error]).toEqual([
      400,
      'no model watches this camera yet; wait until one does',
    ]);
    expect((await ask('GET', '/api/cameras/nobody/budget?alarmsPerDay=1')).status).toBe(404);

    const path = '/api/cameras/yard/odd-minutes/odd-3';
    expect((await ask('GET', '/api/cameras/yard/odd-minutes')).json[0].verdict).toBe('open');
    const judged = await ask('PUT', path, { body: { verdict: 'normal' } });
    expect(judged.json.verdict).toBe('normal');
    expect((await ask('GET', `${path}/picture`)).headers['content-type']).toBe('image/jpeg');
    const other = await ask('PUT', path.replace('yard', 'entrance'), { body: { verdict: 'real' } });
    expect(other.status).toBe(404);
  });
});

describe('events', () => {
  test('page by page, each once', async () => {
    const { ask } = running();
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await ask('GET', `/api/events?limit=50${cursor && `&cursor=${cursor}`}`);
      seen.push(...page.json.events.map((event: { id: string }) => event.id));
      cursor = page.json.next;
    }
    expect(seen.length).toBe(120);
    expect(new Set(seen).size).toBe(120);
    const alarms = await ask('GET', '/api/events?kind=alarm&camera=yard');
    for (const event of alarms.json.events)
      expect(event).toMatchObject({ kind: 'alarm', camera: 'yard' });
  });

  test('are judged and removed', async () => {
    const { ask } = running();
    const judged = await ask('PATCH', '/api/events/event-5', { body: { verdict: 'real' } });
    expect(judged.json.verdict).toBe('real');
    expect((await ask('DELETE', '/api/events/event-5')).status).toBe(204);
    expect((await ask('GET', '/api/events/event-5')).status).toBe(404);
  });

  test('a clip comes by ranges, and is a 404 when it is gone', async () => {
    const { ask, service } = running();
    const { events } = service.events.page({ limit: 100 });
    const { id } = events.find(({ clip }) => clip)!;
    const path = `/api/events/${id}/clip`;
    const whole = await ask('GET', path);
    expect(whole.headers).toMatchObject({ 'content-type': 'video/mp4', 'accept-ranges': 'bytes' });
    expect(whole.bytes.length).toBeGreaterThan(1000);
    const part = await ask('GET', path, { headers: { range: 'bytes=100-199' } });
    expect(part.status).toBe(206);
    expect(part.headers['content-range']).toBe(`bytes 100-199/${whole.bytes.length}`);
    expect(part.bytes.equals(whole.bytes.subarray(100, 200))).toBe(true);
    const past = await ask('GET', path, { headers: { range: 'bytes=99999999-' } });
    expect(past.status).toBe(416);
    expect(past.json.error).toBeTypeOf('string');

    await rm(service.events.file(id, 'clip')!.path);
    const gone = await ask('GET', path);
    expect(gone.status).toBe(404);
    expect(gone.json.error).toBeTypeOf('string');
    const without = events.find(({ clip }) => !clip)!;
    expect((await ask('GET', `/api/events/${without.id}/clip`)).status).toBe(404);
  });

  test('thumbnail and heatmap', async () => {
    const { ask } = running();
    const jpeg = await ask('GET', '/api/events/event-1/thumbnail');
    expect(jpeg.headers['content-type']).toBe('image/jpeg');
    const png = await ask('GET', '/api/events/event-1/heatmap');
    expect(png.headers['content-type']).toBe('image/png');
    const headers = { 'if-none-match': png.headers.etag! };
    expect((await ask('GET', '/api/events/event-1/heatmap', { headers })).status).toBe(304);
  });
});

test('settings: secrets are hidden, and come back unchanged', async () => {
  const { ask, service } = running();
  const before = service.settings.current();
  const shown = await ask('GET', '/api/settings');
  expect(shown.text).not.toMatch(/a-secret-key|broker-password/);
  const { settings, fromFile } = shown.json;
  expect(fromFile).toEqual(['storage']);
  const body = { ...settings, mqtt: { ...settings.mqtt, topic: 'house' } };
  const put = await ask('PUT', '/api/settings', { body });
  expect(put.json.settings.mqtt.topic).toBe('house');
  expect(service.settings.current()).toEqual({
    ...before,
    mqtt: { ...before.mqtt!, topic: 'house' },
  });
});

test('health, metrics, and a service that is not ready', async () => {
  const { ask, address, scoring } = running();
  expect((await ask('GET', '/health/live')).json.ok).toBe(true);
  expect((await ask('GET', '/health/ready')).status).toBe(200);
  scoring.onLost('inference ended', false);
  const ready = await ask('GET', '/health/ready');
  expect([ready.status, ready.json]).toEqual([503, { ok: false, reason: 'scoring starts' }]);
  const metrics = await ask('GET', '/metrics');
  expect(metrics.text).toMatch(/^m2s2l_frames_total\{.*\} \d+$/m);
  expect(metrics.text).toMatch(/^m2s2l_streams_open 0$/m);
  expect((await globalThis.fetch(`${address}/metrics`)).status).toBe(401);
});

test('what is not even a request is answered by one line, too', async () => {
  const { address } = running();
  expect(Object.keys((await ask(address, 'GET', '/api/%')).json)).toEqual(['error']);
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(Number(new URL(address).port), '127.0.0.1');
    let text = '';
    socket.on('data', (data) => (text += data)).on('close', () => resolve(text));
    socket.write('GET / HTTP/1.1\r\nno header\r\n\r\n');
  });
  expect(answer).toMatch(/^HTTP\/1.1 400 /);
  expect(answer).toContain('\r\n\r\n{"error":');
});
