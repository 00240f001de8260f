import { pino } from 'pino';
import { expect, test } from 'vitest';
import { Server } from '../../../src/service/api/server.ts';
import { ask as plainly, runningServer } from '../api/running.ts';

const running = runningServer();
const PASSWORD = 'correct horse battery';

const cookieOf = (headers: { 'set-cookie'?: string[] }) =>
  headers['set-cookie']![0]!.split(';')[0]!;

/** Adds a person and signs them in by their password. */
async function signedIn(name: string, role: string, cameras: string[] | null = null) {
  const { ask, address } = running();
  const added = await ask('POST', '/api/people', {
    body: { name, role, cameras, password: PASSWORD },
  });
  expect(added.status).toBe(201);
  expect(added.text).not.toContain(PASSWORD);
  const opened = await plainly(address, 'POST', '/api/session', {
    body: { name, password: PASSWORD },
    headers: { 'sec-fetch-site': 'same-origin' },
  });
  expect([opened.status, opened.json]).toEqual([200, expect.objectContaining({ role, name })]);
  const cookie = cookieOf(opened.headers);
  const own = (method: string, path: string, body?: unknown, at = address) =>
    plainly(at, method, path, { body, headers: { cookie, 'sec-fetch-site': 'same-origin' } });
  return { id: added.json.id as string, own };
}

test('a person signs in by name and password, and no wrong one lets in', async () => {
  const { address } = running();
  const { id, own } = await signedIn('Anna', 'operator');
  expect((await own('GET', '/api/cameras')).status).toBe(200);
  expect((await own('GET', '/api/settings')).status).toBe(403);
  for (const body of [
    { name: 'Anna', password: 'wrong horse battery' },
    { name: 'Nobody', password: PASSWORD },
  ]) {
    const { status, json } = await plainly(address, 'POST', '/api/session', { body });
    expect([status, json.error]).toEqual([401, 'the name or the password is wrong']);
  }
  expect((await running().ask('DELETE', `/api/people/${id}`)).status).toBe(204);
  expect((await own('GET', '/api/cameras')).status).toBe(401);
});

test('an operator judges, and the trail says who did', async () => {
  const { own } = await signedIn('Berta', 'operator');
  const { service, ask } = running();
  const event = service.events.page({ kind: 'alarm', verdict: 'open', limit: 1 }).events[0]!;
  expect((await own('PATCH', `/api/events/${event.id}`, { verdict: 'normal' })).status).toBe(200);
  await own('POST', '/api/inbox/verdicts', { verdicts: [{ event: event.id, verdict: 'open' }] });
  const { json } = await own('GET', `/api/events/${event.id}/deeds`);
  expect(json.map(({ who, detail }: { who: string; detail: string }) => [who, detail])).toEqual([
    ['Berta', 'open'],
    ['Berta', 'normal'],
  ]);
  const audit = await ask('GET', '/api/audit?limit=2');
  expect(audit.json).toHaveLength(2);
  expect((await own('GET', '/api/audit')).status).toBe(403);
});

test('who may see one camera finds nothing of the others', async () => {
  const { own } = await signedIn('Carla', 'operator', ['yard']);
  const { service } = running();
  const others = service.events.page({ camera: 'gate', limit: 1 }).events[0]!;
  expect((await own('GET', '/api/cameras')).json.map(({ id }: { id: string }) => id)).toEqual([
    'yard',
  ]);
  for (const path of [
    '/api/cameras/gate',
    '/api/cameras/gate/picture',
    '/api/cameras/gate/scores?from=0&to=1000',
    `/api/events/${others.id}`,
    `/api/events/${others.id}/clip`,
    `/api/events/${others.id}/deeds`,
    '/api/stream?camera=gate',
    `/api/export?ids=${others.id}`,
  ])
    expect([path, (await own('GET', path)).status]).toEqual([path, 404]);
  const cameras = (events: { camera: string }[]) => [
    ...new Set(events.map(({ camera }) => camera)),
  ];
  expect(cameras((await own('GET', '/api/events?limit=500')).json.events)).toEqual(['yard']);
  const inbox = (await own('GET', '/api/inbox')).json;
  expect(cameras(inbox.toJudge)).toEqual(['yard']);
  expect(cameras(inbox.groups.map(({ latest }: { latest: { camera: string } }) => latest))).toEqual(
    ['yard'],
  );
  expect((await own('GET', '/api/events?camera=gate')).json.total).toBe(0);
  const judged = await own('POST', '/api/inbox/verdicts', {
    verdicts: [{ event: others.id, verdict: 'real' }],
  });
  expect(judged.json.events).toEqual([]);
  expect((await own('PATCH', `/api/events/${others.id}`, { verdict: 'real' })).status).toBe(404);
  expect(service.events.get(others.id)!.verdict).toBe(others.verdict);
  expect((await own('GET', '/metrics')).status).toBe(403);
  const stream = (await own('GET', '/api/stream')).text;
  expect(stream).not.toContain('"id":"gate"');
});

test('a link signs in once, after which a password is set; the session outlasts a restart', async () => {
  const { ask, address, service, server } = running();
  const { json: dora } = await ask('POST', '/api/people', {
    body: { name: 'Dora', role: 'viewer' },
  });
  const made = await ask('POST', `/api/people/${dora.id}/link`);
  const link = made.json.path.replace('/sign-in/', '');
  const opened = await plainly(address, 'POST', '/api/session', { body: { link } });
  expect(opened.json).toMatchObject({ name: 'Dora', person: true });
  expect((await plainly(address, 'POST', '/api/session', { body: { link } })).status).toBe(401);
  const cookie = cookieOf(opened.headers);
  const headers = { cookie, 'sec-fetch-site': 'same-origin' };
  const set = (body: object) => plainly(address, 'PUT', '/api/session/password', { headers, body });
  expect((await set({ password: PASSWORD })).status).toBe(204);
  expect((await set({ password: 'another password' })).status).toBe(400);
  expect((await set({ password: 'another password', before: PASSWORD })).status).toBe(204);
  expect(server.access.tokenNeeded).toBe(true);

  const again = new Server({
    service,
    tokens: service.store,
    host: '127.0.0.1',
    port: 0,
    requireToken: true,
    logger: pino({ level: 'silent' }),
  });
  const restarted = await again.listen();
  try {
    const asked = await plainly(restarted, 'GET', '/api/session', { headers });
    expect(asked.json).toMatchObject({ name: 'Dora', by: 'session' });
  } finally {
    await again.close();
  }
});

test('names are told apart whatever their letters, and the last admin stays', async () => {
  const { ask } = running();
  const body = { name: 'Emil', role: 'viewer' };
  expect((await ask('POST', '/api/people', { body })).status).toBe(201);
  const twice = await ask('POST', '/api/people', { body: { ...body, name: 'EMIL' } });
  expect([twice.status, twice.json.error]).toEqual([400, 'name: EMIL is taken already']);
  const short = await ask('POST', '/api/people', {
    body: { name: 'Finn', role: 'admin', password: 'short' },
  });
  expect([short.status, short.json.error]).toEqual([
    400,
    'password: must have 10 characters at least',
  ]);
});
