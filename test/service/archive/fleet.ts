import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Bucket } from '../../../src/service/archive/bucket.ts';
import { BucketArchive } from '../../../src/service/archive/bucket-archive.ts';
import {
  openPostgres,
  openWorkerStore,
  type WorkerStore,
} from '../../../src/service/store/postgres/open-postgres.ts';
import type { SqlStore } from '../../../src/service/store/sql-store.ts';
import { type Databases, testDatabases } from '../../postgres/databases.ts';

/** A machine with a working folder of its own. */
export interface Machine {
  readonly folder: string;
  readonly store: SqlStore;
  readonly bucket: Bucket;
  readonly archive: BucketArchive;
  /** @returns its whole path */
  write(path: string, data?: Uint8Array | string): Promise<string>;
}

/** Machines with one store and one bucket, that of a running {@link S3Server}. */
export class Fleet {
  readonly #databases: Databases;
  readonly #address: string;
  readonly #machines: Machine[] = [];

  private constructor(databases: Databases, address: string) {
    this.#databases = databases;
    this.#address = address;
  }

  static async start(): Promise<Fleet> {
    const databases = await testDatabases();
    return new Fleet(databases, await databases.create());
  }

  /** A {@link machine} that writes under leases. */
  async worker(): Promise<Machine & Pick<WorkerStore, 'writeUnder'>> {
    const machine = await this.machine((...opening) => openWorkerStore(...opening));
    return machine as Machine & Pick<WorkerStore, 'writeUnder'>;
  }

  async machine(
    open: (...opening: Parameters<typeof openPostgres>) => Pick<Machine, 'store'> = (
      ...opening
    ) => ({
      store: openPostgres(...opening),
    }),
  ): Promise<Machine> {
    const folder = await mkdtemp(join(tmpdir(), 'm2s2l-machine-'));
    // A busy machine is not a lost database.
    const opened = open(this.#address, folder, { patience: 30_000 });
    const { store } = opened;
    const bucket = await Bucket.open('s3://fleet/some/where');
    const machine: Machine = {
      ...opened,
      folder,
      bucket,
      archive: new BucketArchive(bucket, store.archive),
      write: async (path, data = randomBytes(1000)) => {
        const file = join(folder, path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, data);
        return file;
      },
    };
    this.#machines.push(machine);
    return machine;
  }

  /** No camera, and no file of one. */
  async clear(): Promise<void> {
    const [{ store: first } = {}] = this.#machines;
    for (const { id } of first?.cameras() ?? []) first!.removeCamera(id);
    for (const { folder } of this.#machines) {
      for (const name of await readdir(folder))
        await rm(join(folder, name), { recursive: true, force: true });
    }
  }

  async end(): Promise<void> {
    for (const { store, bucket, folder } of this.#machines) {
      store.close();
      bucket.close();
      await rm(folder, { recursive: true, force: true });
    }
    await this.#databases.close();
  }
}
