import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';

/** Whether nginx is installed here. */
export const nginxIsHere = spawnSync('nginx', ['-v']).status === 0;

/** A port that was free a moment ago: nginx cannot choose one. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Runs nginx with a server block until the test is over.
 * @param block with PORT where it listens
 * @returns its address
 */
export async function startNginx(block: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'm2s2l-nginx-'));
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join('\n');
  const configuration = `daemon off;
pid ${join(folder, 'pid')};
error_log stderr;
events {}
http {
access_log off;
${temporary}
${block.replaceAll('PORT', String(port))}
}
`;
  await writeFile(join(folder, 'nginx.conf'), configuration);
  const child = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
  const ended = new Promise((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
  const address = `http://127.0.0.1:${port}`;
  await vi.waitFor(
    async () => {
      if (child.exitCode !== null) throw new Error(`nginx ended: ${words}`);
      await fetch(address);
    },
    { timeout: 60_000, interval: 50 },
  );
  return address;
}
