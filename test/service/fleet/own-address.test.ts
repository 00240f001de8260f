import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ownAddress, reachedAt } from '../../../src/service/fleet/own-address.ts';

test('a machine is reached by the address that it reaches the database by', async () => {
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  expect(await ownAddress(`postgres://m2s2l@127.0.0.1:${port}/m2s2l`)).toBe('127.0.0.1');
});

test('one that listens on every address says its own', () => {
  expect(reachedAt('http://10.0.0.7:8480', '10.0.0.9')).toBe('http://10.0.0.7:8480');
  expect(reachedAt('http://0.0.0.0:8480', '10.0.0.9')).toBe('http://10.0.0.9:8480');
  expect(reachedAt('http://[::]:8480', 'fd00::9')).toBe('http://[fd00::9]:8480');
});
