import { expect, test } from 'vitest';
import { ApiClient, ApiError } from '../../dashboard/src/api/client.ts';

/** A client whose service answers so; with what it was asked. */
const clientOf = (answer: () => Response | Promise<Response>) => {
  const asked: { path: string; method: string; body: unknown }[] = [];
  const client = new ApiClient(async (path, options) => {
    const body = options?.body ? JSON.parse(String(options.body)) : null;
    asked.push({ path: String(path), method: options?.method ?? '', body });
    return answer();
  });
  return { client, asked };
};
const json = (body: unknown, status = 200) => Response.json(body, { status });

test('asks by the routes, with ids and filters escaped', async () => {
  const { client, asked } = clientOf(() => json({}));
  await client.judgeEvent('a/b', 'real');
  await client.events({ kind: 'near miss', camera: 'x&y' }, 'c 1', 50);
  await client.scores('gate', 1.5, 9.2, 100);
  expect(asked).toEqual([
    { path: '/api/events/a%2Fb', method: 'PATCH', body: { verdict: 'real' } },
    {
      path: '/api/events?limit=50&kind=near+miss&camera=x%26y&cursor=c+1',
      method: 'GET',
      body: null,
    },
    { path: '/api/cameras/gate/scores?from=1&to=10&points=100', method: 'GET', body: null },
  ]);
});

test('a refusal is the line of the service, as a sentence', async () => {
  const { client } = clientOf(() => json({ error: 'name: at most 80 letters' }, 400));
  await expect(client.cameras()).rejects.toThrow(new ApiError('Name: at most 80 letters.', 400));
});

test('what is not valid JSON, as of a proxy, and no answer are told, too', async () => {
  const proxy = clientOf(() => new Response('<html>', { status: 502, statusText: 'Bad Gateway' }));
  await expect(proxy.client.cameras()).rejects.toThrow('The service answered 502 Bad Gateway');
  const dead = clientOf(() => Promise.reject(new TypeError('fetch failed')));
  await expect(dead.client.cameras()).rejects.toMatchObject({
    message: 'The service does not answer. Is it running?',
    status: 0,
  });
});

test('is signed out where the session is no more, not by a wrong token', async () => {
  const { client } = clientOf(() => json({ error: 'a token is needed' }, 401));
  let out = 0;
  client.onSignedOut = () => out++;
  await expect(client.signIn('x')).rejects.toThrow();
  expect(out).toBe(0);
  await expect(client.cameras()).rejects.toThrow();
  expect(out).toBe(1);
});

test('a picture that is not there is none', async () => {
  const { client } = clientOf(() => json({ error: 'there is no such picture' }, 404));
  expect(await client.picture('gate')).toBeNull();
  const there = clientOf(() => new Response('jpeg', { headers: { 'content-type': 'image/jpeg' } }));
  expect((await there.client.picture('gate'))?.size).toBe(4);
});
