import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openStore } from '../../../src/service/store/sqlite/open-store.ts';
import { temporaryFolders } from '../../files/temporary-folder.ts';

const temporary = temporaryFolders();
const writer = fileURLToPath(new URL('./event-writer.ts', import.meta.url));

test('what was announced is found again after SIGKILL, with what announces it, and the folder is free', async () => {
  const folder = await temporary();
  const told = new Set<string>();
  for (const count of [1, 40, 90]) {
    const child = spawn(process.execPath, [writer, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    let lines = 0;
    for await (const id of createInterface(child.stdout)) {
      told.add(id);
      // What is in the pipe when it is killed was told, too.
      if (++lines === count) {
        expect(() => openStore(folder)).toThrow('another m2s2l serves this data folder');
        child.kill('SIGKILL');
      }
    }
    expect(await exited).toEqual([null, 'SIGKILL']);
  }
  const store = openStore(folder);
  const events = store.eventsBetween('door', 0, Date.now());
  const waiting = store.outbox(Date.now() + 1, 100_000);
  store.close();
  const kept = new Set(events.map(({ id }) => id));
  expect(told.size).toBeGreaterThanOrEqual(131);
  expect([...told].filter((id) => !kept.has(id))).toEqual([]);
  expect(waiting.map(({ body }) => body).toSorted()).toEqual([...kept].toSorted());
});
