import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { demoCamera } from '../../src/service/config/demo-camera.ts';
import { temporaryFolders } from '../video/footage.ts';
import { m2s2l } from './command-line.ts';

const program = join(import.meta.dirname, '..', '..', 'bin', 'm2s2l.js');
const patient = { timeout: 100_000, interval: 50 };

const running: ChildProcess[] = [];
afterEach(async () => {
  for (const child of running.splice(0))
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'close');
    }
});

/** Starts the real service and waits for its address. */
const serve = (cwd: string, ...words: string[]) =>
  serveBy(process.execPath, [program, 'serve', '--port', '0', ...words], { cwd });

async function serveBy(
  command: string,
  words: readonly string[],
  options: { cwd: string; env?: Readonly<Record<string, string>> },
) {
  const child = spawn(command, words, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  const told = { out: '', error: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (told.out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (told.error += text));
  await vi.waitFor(() => expect(told.out, told.error).toContain('serves http'), patient);
  return {
    address: /serves (http:\/\/\S+)/.exec(told.out)![1]!,
    token: /(m2s2l_[\w-]{43})/.exec(told.out)?.[1],
    told,
    async stop(signal: NodeJS.Signals) {
      child.kill(signal);
      const [code] = await once(child, 'close');
      return code as number;
    },
  };
}

const folder = temporaryFolders();

describe('serve', { timeout: 300_000 }, () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('listens until %s, also with a stream open', async (signal, code) => {
    const cwd = await folder();
    const served = await serve(cwd);
    expect(served.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(served.token).toBeUndefined();
    const live = await fetch(`${served.address}/api/stream`);
    const reader = live.body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toContain('event: notices');
    expect((await fetch(`${served.address}/api/cameras`)).status).toBe(200);
    expect(await served.stop(signal)).toBe(code);
    expect(served.told.error).toBe('');
    await expect(fetch(`${served.address}/health/live`)).rejects.toThrow();
  });

  test('prints the first token once, and another one when asked', async () => {
    const cwd = await folder();
    await writeFile(join(cwd, 'm2s2l.json'), '{"server": {"requireToken": true}}');
    const status = async (address: string, token?: string) => {
      const headers = token ? { authorization: `Bearer ${token}` } : undefined;
      return (await fetch(`${address}/api/tokens`, { headers })).status;
    };
    const first = await serve(cwd, '--config', 'm2s2l.json');
    expect(await status(first.address)).toBe(401);
    expect(await status(first.address, first.token)).toBe(200);
    await first.stop('SIGTERM');

    const second = await serve(cwd, '--config', 'm2s2l.json');
    expect(second.token).toBeUndefined();
    expect(await status(second.address, first.token)).toBe(200);
    await second.stop('SIGTERM');

    const third = await serve(cwd, '--config', 'm2s2l.json', '--new-token', '--log', 'debug');
    expect(third.token).not.toBe(first.token);
    expect(await status(third.address, third.token)).toBe(200);
    expect(await status(third.address, first.token)).toBe(200);
    await third.stop('SIGTERM');
    expect(third.told.error).toContain('"route":"/api/tokens"');
    expect(third.told.error).not.toMatch(/m2s2l_[\w-]{43}/);
  });

  test('takes its options from the environment, where an empty one is none', async () => {
    const cwd = await folder();
    await writeFile(join(cwd, 'm2s2l.json'), '{"server": {"requireToken": true}}');
    const env = {
      M2S2L_PORT: '0',
      M2S2L_DATA: 'elsewhere',
      M2S2L_CONFIG: 'm2s2l.json',
      M2S2L_HOST: '',
      M2S2L_DEMO: '0',
    };
    const served = await serveBy(process.execPath, [program, 'serve'], { cwd, env });
    expect(served.token).toBeDefined();
    expect(existsSync(join(cwd, 'elsewhere'))).toBe(true);
    await served.stop('SIGTERM');
    const behind = { M2S2L_PORT: '0', M2S2L_TRUST_PROXY: '1', M2S2L_BASE_PATH: '/cams/' };
    const proxied = await serveBy(process.execPath, [program, 'serve'], { cwd, env: behind });
    expect(proxied.token).toBeDefined();
    await proxied.stop('SIGTERM');
    const ended = await m2s2l(['serve'], { cwd, env: { M2S2L_PORT: 'x' } });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/M2S2L_PORT.*whole number/);
  });

  test('ends where npx was ended before the program was loaded', async () => {
    const cwd = await folder();
    // The shell ends at once; its child is adopted while it still loads.
    const line = `'${process.execPath}' '${program}' serve --port 0 & exit`;
    const child = spawn('sh', ['-c', line], {
      cwd,
      env: { ...process.env, npm_command: 'exec' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.push(child);
    child.stdout.resume();
    child.stderr.resume();
    // Its streams are those of the service, too.
    await once(child, 'close');
  });

  test('ends when the package manager that runs it is gone', async () => {
    const cwd = await folder();
    // Like npx, the shell passes no signal on.
    const shell = `"$0" "$1" serve --port 0; exit`;
    const env = { npm_command: 'exec' };
    const served = await serveBy('sh', ['-c', shell, process.execPath, program], { cwd, env });
    await served.stop('SIGKILL');
    await vi.waitFor(() => expect(fetch(served.address)).rejects.toThrow(), patient);
  });

  test('a port that is taken is one line and exit code 2', async () => {
    const cwd = await folder();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const ended = await m2s2l(['serve', '--port', String(port)], { cwd });
    other.close();
    expect(ended).toEqual({
      code: 2,
      stdout: '',
      stderr: `m2s2l: 127.0.0.1:${port}: the port is taken; choose another by --port\n`,
    });
  });

  test.each<[string[], string, RegExp]>([
    [['--port', '65536'], '{}', /65536.*whole number/],
    [['--host', '203.0.113.1', '--port', '0'], '{}', /203\.0\.113\.1: is not an address/],
    [['--config', 'no.json'], '{}', /no\.json: does not exist/],
    [
      ['--config', 'm2s2l.json'],
      '{"cameras": [{"id": "a", "name": "A", "source": {"kind": "rtsp", "url": "x"}}]}',
      /m2s2l\.json: cameras\[0\]\.source\.url: /,
    ],
  ])('%j is one line and exit code 2', async (words, content, line) => {
    const cwd = await folder();
    await writeFile(join(cwd, 'm2s2l.json'), content);
    const { code, stdout, stderr } = await m2s2l(['serve', ...words], { cwd });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd().split('\n').length).toBe(1);
  });
});

test('the demo camera plays bundled footage by a shipped model', () => {
  expect(demoCamera()).toMatchObject({ source: { kind: 'file' }, model: 'upcam-tiny', fps: 5 });
});
