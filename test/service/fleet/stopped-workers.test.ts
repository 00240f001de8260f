import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { openPostgres } from '../../../src/service/store/postgres/open-postgres.ts';
import { PostgresServer } from '../../postgres/server.ts';
import { until } from '../poll.ts';
import { inventedCamera } from '../store/invented.ts';

const program = fileURLToPath(new URL('./holder.ts', import.meta.url));
const CAMERA = 'door';

let server: PostgresServer;
let database: string;

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.remove());

beforeEach(async () => {
  database = await server.database();
  const store = openPostgres(database, '/files', { patience: 60_000 });
  store.saveCamera(inventedCamera({ id: CAMERA }));
  store.close();
});

/** What all said, in the order in which it was heard. */
const said: string[] = [];
beforeEach(() => void said.splice(0));

function holder(id: string): ChildProcess {
  const child = spawn(process.execPath, [program, database, id], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface(child.stdout!).on('line', (line) => said.push(`${id} ${line}`));
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

const heard = (line: string) => said.some((one) => one.startsWith(line));
const stored = (id: string) => said.filter((line) => line.startsWith(`${id} stored`)).length;

test('a worker that is killed loses its camera to another', async () => {
  const first = holder('first');
  await until('it stores', () => stored('first') > 3);
  holder('second');
  first.kill('SIGKILL');
  await until('the other stores', () => stored('second') > 3);
});

test('of one that stood still while another took over no write lands', async () => {
  const first = holder('first');
  await until('it stores', () => stored('first') > 3);
  first.kill('SIGSTOP');
  holder('second');
  await until('the other stores', () => stored('second') > 3);
  const before = stored('first');
  first.kill('SIGCONT');
  await until('the first is refused', () => heard('first refused door LeaseLost'));
  await until('it knows', () => heard('first ended door'));
  const more = stored('second') + 5;
  await until('the other stores on', () => stored('second') >= more);
  // What was in its pipe when it stopped was stored before.
  const name = new URL(database).pathname.slice(1);
  const rows = await server.query(name, 'SELECT id FROM events');
  const ids = new Set(rows.map(({ id }) => id));
  const of = (id: string) =>
    said.flatMap((line) => line.match(new RegExp(`^${id} stored \\S+ (\\S+)`))?.[1] ?? []);
  expect(
    of('first')
      .slice(0, before)
      .every((id) => ids.has(id)),
  ).toBe(true);
  const after = said.slice(said.findIndex((line) => line.startsWith('second gained')));
  const refused = after.findIndex((line) => line.startsWith('first refused'));
  expect(after.slice(refused).filter((line) => line.startsWith('first stored'))).toEqual([]);
  expect(rows.length).toBeLessThanOrEqual(of('first').length + of('second').length + 1);
});
