import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, appendFile, chmod, chown, mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { run } from './run.ts';
import type { Tools } from './tools.ts';
import { isSilent, until } from './until.ts';

const deploy = join(import.meta.dirname, '../../deploy');

/** The user `nobody` of most systems. */
const NOBODY = 65534;

/**
 * Installs the service as on a bare machine, twice, with all files below a folder, and runs it by what
 * its unit says: the command line, the variables, and another user than root.
 */
export async function runsByItsUnit(root: string, tarball: string, tools: Tools): Promise<void> {
  await mkdir(root);
  const path = tools.nodeFolder('node22');
  const install = () =>
    run('env', [`DESTDIR=${root}`, 'sh', join(deploy, 'install-service.sh'), tarball], {
      cwd: root,
      path,
    });
  await install();
  const environment = join(root, 'etc/m2s2l/environment');
  const port = await freePort();
  await appendFile(environment, `M2S2L_PORT=${port}\n`);
  // An upgrade keeps what the administrator wrote.
  await install();
  const options = await readFile(environment, 'utf8');
  if (options !== `M2S2L_PORT=${port}\n`) throw new Error(`${environment}: ${options}`);

  const unit = await readFile(join(root, 'etc/systemd/system/m2s2l.service'), 'utf8');
  const setting = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)![1]!;
  const [program, ...words] = setting('ExecStart').split(' ');
  if (program !== '/usr/bin/node') throw new Error(`ExecStart begins with ${program}`);
  const below = (word: string) => word.replace(/(^|=)(?=\/(opt|var)\/)/, `$1${root}`);
  const state = join(root, 'var/lib', setting('StateDirectory'));
  await mkdir(state, { recursive: true });
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (user.uid !== undefined) await chown(state, NOBODY, NOBODY);
  await chmod(state, 0o750);
  const [name, value] = below(setting('Environment')).split('=') as [string, string];
  const child = spawn(join(path, 'node'), words.map(below), {
    cwd: '/',
    env: { [name]: value, M2S2L_PORT: `${port}` },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part) => (text += part));
  child.stderr.setEncoding('utf8').on('data', (part) => (text += part));
  const closed = once(child, 'close');
  try {
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`the unit's command ends: ${text}`);
      const words = [`M2S2L_PORT=${port}`, 'node', join(deploy, 'healthcheck.mjs')];
      return run('env', words, { cwd: root, path }).catch(() => undefined);
    }, `the service is not healthy: ${text}`);
    await access(join(state, 'service.db'));
    child.kill('SIGTERM');
    const [code] = (await closed) as [number | null];
    if (`${code}` !== setting('SuccessExitStatus') && code !== 0)
      throw new Error(`SIGTERM ends it with exit code ${code}: ${text}`);
    if (!(await isSilent(`http://127.0.0.1:${port}`))) throw new Error('it still answers');
  } finally {
    child.kill('SIGKILL');
    await closed;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
