import { chmod, chown, mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StoreFull } from '../../../src/service/parts.ts';
import { openPostgres } from '../../../src/service/store/postgres/open-postgres.ts';
import { smallDisk } from '../../files/full-disk.ts';
import { NOBODY, PostgresServer } from '../../postgres/server.ts';
import { inventedCamera, inventedEvent } from './invented.ts';

const disk = smallDisk(40_000);

const title = disk
  ? "a database's full disk"
  : "a database's full disk (skipped: no permission to mount a small tmpfs)";

describe.skipIf(!disk)(title, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(async () => {
    await server.remove();
    await disk!.remove();
  });

  test('is told, nothing is half-stored, and writing goes on once there is room', async () => {
    // The server does not run as root, who alone can make the disk.
    await chmod(disk!.folder, 0o777);
    const space = join(disk!.folder, 'space');
    await mkdir(space, { mode: 0o700 });
    await chown(space, NOBODY, NOBODY);
    await server.query('postgres', `CREATE TABLESPACE small LOCATION '${space}'`);
    await server.query('postgres', 'CREATE DATABASE small TABLESPACE small');
    const store = openPostgres(server.address('small'), '/files', { patience: 60_000 });
    store.saveCamera(inventedCamera());
    const filler = join(disk!.folder, 'filler');
    const { bavail, bsize } = await statfs(disk!.folder);
    await writeFile(filler, new Uint8Array(Math.max(0, bavail * bsize - 500_000)));
    const message = { url: 'http://localhost/', body: 'x'.repeat(20_000) };
    const stored: string[] = [];
    const fill = () => {
      for (let start = 0; start < 2000; start++) {
        const body = Array.from({ length: 40 }, () => Math.random().toString(36)).join('');
        const event = inventedEvent({ start });
        store.addEvent(event, [{ ...message, body: body.repeat(30) }]);
        stored.push(event.id);
      }
    };
    expect(fill).toThrow(StoreFull);
    const holds = () => {
      expect(store.events({ limit: 500 }).total).toBe(stored.length);
      expect(store.outboxState().waiting).toBe(stored.length);
    };
    holds();
    await rm(filler);
    const event = inventedEvent({ start: 1e6 });
    store.addEvent(event, [message]);
    stored.push(event.id);
    holds();
    store.close();
  });
});
