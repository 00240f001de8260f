import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';
import { vi } from 'vitest';

/** A server that speaks S3, with one bucket, `fleet`; it can be stopped and started again. */
export class S3Server {
  readonly #folder: string;
  readonly #port: number;
  #server: S3rver | undefined;
  /** Called before an answer to a request of this method. */
  before: ((method: string, path: string) => Promise<void>) | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  /** What the environment of this process then names. */
  static async start(): Promise<S3Server> {
    const folder = await mkdtemp(join(tmpdir(), 'm2s2l-s3-'));
    const first = new S3Server(folder, 0);
    const port = await first.resume();
    await first.stop();
    const server = new S3Server(folder, port);
    await server.resume();
    server.name();
    return server;
  }

  /** Names it in the environment of this process. */
  name(): void {
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${this.#port}`);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'S3RVER');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'S3RVER');
  }

  /** @returns its port */
  async resume(): Promise<number> {
    const server = new S3rver({
      address: '127.0.0.1',
      port: this.#port,
      directory: this.#folder,
      silent: true,
      // It signs other paths for a bucket itself than Amazon's library does.
      allowMismatchedSignatures: true,
      configureBuckets: [{ name: 'fleet' }],
    });
    server.middleware.unshift(async (context, next) => {
      await this.before?.(context.method, context.path);
      await next();
    });
    const { port } = await server.run();
    this.#server = server;
    return port;
  }

  /** Nothing answers any more. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.httpServer.closeAllConnections();
    await server?.close();
  }

  /** Hashes of the objects. */
  async objects(): Promise<string[]> {
    return (await this.#files()).map((path) => /([0-9a-f]{64})\._S3rver_object$/.exec(path)![1]!);
  }

  /** Changes some bytes of an object. */
  async damage(hash: string): Promise<void> {
    const file = await this.#fileOf(hash);
    const { size } = await stat(file);
    await writeFile(file, new Uint8Array(size).fill(1));
  }

  /** Lets an object have been put some hours ago. */
  async age(hash: string, hours: number): Promise<void> {
    const time = Date.now() / 1000 - hours * 3600;
    await utimes(await this.#fileOf(hash), time, time);
  }

  async remove(hash: string): Promise<void> {
    await rm(await this.#fileOf(hash));
  }

  /** Removes all objects. */
  async clear(): Promise<void> {
    for (const file of await this.#files()) await rm(file);
  }

  async end(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #fileOf(hash: string): Promise<string> {
    return (await this.#files()).find((path) => path.includes(hash))!;
  }

  async #files(): Promise<string[]> {
    const all = await readdir(this.#folder, { recursive: true, withFileTypes: true });
    return all
      .filter(({ name }) => name.endsWith('._S3rver_object'))
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort();
  }
}
