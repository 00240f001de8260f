import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.ts';
import type { Tools } from './tools.ts';

/** What a program does with the API, by a client whose types are generated. */
const program = `import createClient from 'openapi-fetch';
import type { components, paths } from './m2s2l-api.d.ts';

const api = createClient<paths>({ baseUrl: process.argv[2]! });
const cameras = await api.GET('/api/cameras');
if (!cameras.data) throw new Error(cameras.error.error);
const [demo] = cameras.data;
const state: components['schemas']['CameraStatus']['state'] = demo!.state;
const path = { camera: demo!.id };
const changed = await api.PATCH('/api/cameras/{camera}', {
  params: { path },
  body: { budget: { ...demo!.settings.budget, alarmsPerDay: 7 } },
});
const now = Date.now();
const scores = await api.GET('/api/cameras/{camera}/scores', {
  params: { path, query: { from: now - 60_000, to: now, points: 10 } },
});
const events = await api.GET('/api/events', { params: { query: { kind: 'alarm', limit: 5 } } });
const none = await api.GET('/api/cameras/{camera}', { params: { path: { camera: 'none' } } });
// @ts-expect-error: there is no such kind
const refused = await api.GET('/api/events', { params: { query: { kind: 'wrong' } } });
const scored: components['schemas']['LiveScore'] | undefined = undefined;
console.log(
  JSON.stringify({
    state,
    budget: changed.data?.settings.budget.alarmsPerDay,
    spans: scores.data !== undefined,
    events: events.data?.events.length,
    none: [none.response.status, none.error?.error],
    refused: refused.response.status,
    scored,
  }),
);
`;

/** Generates a client from the description that a service gives, checks its types, and asks the service by it. */
export async function usesApiClient(
  folder: string,
  address: string,
  node: string,
  tools: Tools,
): Promise<void> {
  const inFolder = (...words: string[]) => run('node', words, { cwd: folder, path: node });
  const generator = await tools.program('openapi-typescript');
  const types = ['--output', 'm2s2l-api.d.ts'];
  await inFolder(generator, `${address}/api/openapi.json`, ...types);
  await inFolder(await tools.program('npm11'), 'install', 'openapi-fetch@^0.17.0');
  await writeFile(join(folder, 'client.ts'), program);
  await inFolder(
    await tools.program('typescript', 'tsc'),
    ...['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--allowImportingTsExtensions'],
    ...['--target', 'es2024', '--module', 'nodenext', 'client.ts'],
  );
  const text = await inFolder('--experimental-strip-types', 'client.ts', address);
  const told = JSON.parse(text) as Record<string, unknown>;
  const { budget, spans, none, refused } = told;
  const [status, message] = none as [number, string | undefined];
  if (budget !== 7 || spans !== true || status !== 404 || !message || refused !== 400)
    throw new Error(`the client was told ${text}`);
}
