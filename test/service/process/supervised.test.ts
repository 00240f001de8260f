import { fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import {
  type SupervisedOptions,
  SupervisedProcess,
} from '../../../src/service/process/supervised.ts';
import { until } from '../decoder/heard.ts';
import type { Deed } from './program.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const child of running.splice(0)) await child.stop();
});

/** A child with little patience, and what was heard of it. */
function owned(options: Partial<SupervisedOptions> = {}) {
  const heard = { ready: 0, messages: [] as unknown[], lost: [] as string[], givenUp: 0 };
  const child = new SupervisedProcess<{ deed: Deed; data?: unknown }, unknown>(
    {
      name: 'child of a test',
      module: new URL('./program.ts', import.meta.url),
      beat: 200,
      patience: 1000,
      restartDelay: 20,
      ...options,
    },
    {
      onReady: () => heard.ready++,
      onMessage: (message) => heard.messages.push(message),
      onLost(reason, givenUp) {
        heard.lost.push(reason);
        if (givenUp) heard.givenUp++;
      },
    },
  );
  running.push(child);
  child.start();
  return { child, heard };
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('it runs, answers with bytes as they were, and is gone when it is stopped', async () => {
  const { child, heard } = owned();
  expect(child.state).toBe('starting');
  expect(child.send({ deed: 'echo', data: 'too early' })).toBe(false);
  await until(() => heard.ready === 1, 'ready');
  child.send({ deed: 'echo', data: { bytes: new Uint8Array([1, 2, 255]) } });
  await until(() => heard.messages.length === 1, 'an answer');
  expect(heard.messages).toEqual([{ bytes: new Uint8Array([1, 2, 255]) }]);
  await until(() => child.residentBytes > 10e6, 'its memory');
  const pid = child.pid!;
  await child.stop();
  expect(child.state).toBe('stopped');
  expect(isAlive(pid)).toBe(false);
  expect(heard.lost).toEqual([]);
  child.start();
  await until(() => heard.ready === 2, 'ready after another start');
});

test.each<[Deed, RegExp]>([
  ['throw', /^child of a test ended: two lines of trouble$/],
  ['reject', /^child of a test ended: nobody caught it$/],
  ['exit', /^child of a test ended with code 3$/],
  ['hang', /^child of a test gave no sign of life for \d+ s( \(the machine is busy: .*\))?$/],
  ['grow', /^child of a test took \d{3} MB of memory, more than 300$/],
])('after %s it is back, and why is told in one line', async (deed, reason) => {
  const { child, heard } = owned({ memoryLimit: 300e6 });
  await until(() => heard.ready === 1, 'ready');
  child.send({ deed });
  await until(() => heard.ready === 2, 'ready again');
  expect(heard.lost).toEqual([expect.stringMatching(reason)]);
  child.send({ deed: 'echo', data: 7 });
  await until(() => heard.messages.includes(7), 'an answer');
});

test.each<[NodeJS.Signals, RegExp]>([
  ['SIGKILL', /ended with SIGKILL$/],
  ['SIGSTOP', /gave no sign of life/],
])('after a %s it is back', async (signal, reason) => {
  const { child, heard } = owned();
  await until(() => heard.ready === 1, 'ready');
  const pid = child.pid!;
  process.kill(pid, signal);
  await until(() => heard.ready === 2, 'ready again');
  expect(heard.lost).toEqual([expect.stringMatching(reason)]);
  expect(isAlive(pid)).toBe(false);
});

test('Ctrl-C and SIGTERM are for its owner', async () => {
  const { child, heard } = owned();
  await until(() => heard.ready === 1, 'ready');
  process.kill(child.pid!, 'SIGINT');
  process.kill(child.pid!, 'SIGTERM');
  child.send({ deed: 'echo', data: 1 });
  await until(() => heard.messages.length === 1, 'an answer');
  expect(heard.lost).toEqual([]);
});

test('after too many restarts in a minute it is given up, until it is started', async () => {
  const { child, heard } = owned({ restartsAMinute: 2 });
  for (let lives = 1; lives <= 3; lives++) {
    await until(() => heard.ready === lives, 'ready');
    child.send({ deed: 'exit' });
    await until(() => heard.lost.length === lives, 'its end');
  }
  expect(child.state).toBe('given up');
  expect(heard.givenUp).toBe(1);
  child.start();
  await until(() => heard.ready === 4, 'ready after a start');
  expect(child.state).toBe('running');
});

test('a program that cannot even begin is told with its error', async () => {
  const missing = new URL('./no-such-program.ts', import.meta.url);
  const { heard } = owned({ module: missing, restartsAMinute: 0 });
  await until(() => heard.givenUp === 1, 'giving up');
  expect(heard.lost[0]).toMatch(/^child of a test ended: Error: Cannot find module/);
});

test('what does not fit into the pipe can be left out, and is not kept in memory', async () => {
  const { child, heard } = owned();
  await until(() => heard.ready === 1, 'ready');
  child.send({ deed: 'flood' });
  const told = () =>
    heard.messages.find((message) => message !== null && 'sent' in Object(message));
  await until(() => told() !== undefined, 'room again');
  const { sent } = told() as { sent: number };
  expect(sent).toBeGreaterThan(0);
  expect(sent).toBeLessThan(100);
  expect(heard.messages.length).toBe(sent + 1);
});

test('an owner that was held up itself does not take its child for dead', async () => {
  const { child, heard } = owned({ patience: 600, beat: 100 });
  await until(() => heard.ready === 1, 'ready');
  await new Promise<void>((resolve) =>
    // Afterwards timers have their turn before what the child said in the meantime.
    setImmediate(() => {
      for (const end = Date.now() + 2000; Date.now() < end; );
      resolve();
    }),
  );
  child.send({ deed: 'echo', data: 1 });
  await until(() => heard.messages.length === 1, 'an answer');
  expect(heard.lost).toEqual([]);
});

test('one that takes long to start is not taken for dead', async () => {
  const module = new URL('./slow-program.ts', import.meta.url);
  const { child, heard } = owned({ module, patience: 500 });
  await until(() => heard.ready === 1, 'ready');
  child.send({ deed: 'echo', data: 1 });
  await until(() => heard.messages.length === 1, 'an answer');
  expect(heard.lost).toEqual([]);
});

test('one that does not start at all is ended, and told as such', async () => {
  const module = new URL('./slow-program.ts', import.meta.url);
  const { heard } = owned({ module, patience: 200, busyPatience: 600, restartsAMinute: 0 });
  await until(() => heard.givenUp === 1, 'giving up');
  expect(heard.lost[0]).toMatch(/^child of a test did not start within 1 s/);
});

const scheduling = ['chrt', 'taskset'].every((tool) => spawnSync(tool, ['-V']).status === 0);

test.runIf(scheduling)('one that has not had its turn is not taken for dead', async () => {
  const { child, heard } = owned({ patience: 1500 });
  await until(() => heard.ready === 1, 'ready');
  const pid = String(child.pid);
  // Beside another on the same core it has hardly any turn now.
  spawnSync('taskset', ['-a', '-c', '-p', '0', pid]);
  spawnSync('chrt', ['-a', '-i', '-p', '0', pid]);
  const other = spawn('taskset', ['-c', '0', process.execPath, '-e', 'for (;;);']);
  try {
    child.send({ deed: 'compute', data: 400 });
    await setTimeout(5000);
    expect(heard.lost).toEqual([]);
  } finally {
    other.kill('SIGKILL');
    spawnSync('chrt', ['-a', '-o', '-p', '0', pid]);
  }
  await until(() => heard.messages.length + heard.lost.length > 0, 'its answer');
  expect(heard.lost).toEqual([]);
});

test('waits before restarts grow until it lived for a minute', async () => {
  const { child, heard } = owned({ restartsAMinute: 50, restartDelay: 100 });
  const waits: number[] = [];
  for (let lives = 1; lives <= 5; lives++) {
    await until(() => heard.ready === lives, 'ready');
    child.send({ deed: 'exit' });
    await until(() => child.state === 'waiting', 'its end');
    const ended = performance.now();
    await until(() => child.state !== 'waiting', 'another start');
    waits.push(performance.now() - ended);
  }
  expect(waits.at(-1)).toBeGreaterThan(1500);
});

test('a child whose owner was killed ends by itself', async () => {
  const owner = fork(fileURLToPath(new URL('./owner.ts', import.meta.url)), { execArgv: [] });
  const [pid] = (await once(owner, 'message')) as [number];
  expect(isAlive(pid)).toBe(true);
  owner.kill('SIGKILL');
  await until(() => !isAlive(pid), 'the end of the orphan');
});

test('one that cannot even be started is lost as any other', async () => {
  const { heard } = owned({ args: ['\0'], restartsAMinute: 1 });
  await until(() => heard.givenUp === 1, 'given up');
  expect(heard.lost).toHaveLength(2);
  expect(heard.lost[0]).toMatch(/^child of a test cannot be started: .*null bytes/);
});
