import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { StoreFull } from '../../../src/service/parts.ts';
import { openStore } from '../../../src/service/store/sqlite/open-store.ts';
import { smallDisk } from '../../files/full-disk.ts';
import { inventedCamera, inventedEvent } from './invented.ts';

const disk = smallDisk(2000);

const title = disk ? 'a full disk' : 'a full disk (skipped: no permission to mount a small tmpfs)';

describe.skipIf(!disk)(title, () => {
  afterAll(() => disk!.remove());

  test('is told, nothing is half-stored, reading goes on, and so does writing once there is room', async () => {
    const { folder } = disk!;
    const filler = join(folder, 'filler');
    let store = openStore(folder);
    store.saveCamera(inventedCamera());
    const { bavail, bsize } = await statfs(folder);
    await writeFile(filler, new Uint8Array((bavail - 10) * bsize));
    const message = { url: 'http://localhost/', body: 'x'.repeat(20_000) };
    const stored: string[] = [];
    const fill = () => {
      for (let start = 0; ; start++) {
        const event = inventedEvent({ start });
        store.addEvent(event, [message]);
        stored.push(event.id);
      }
    };
    expect(fill).toThrow(StoreFull);
    expect(() => store.addScores('door', { from: 0, peaks: new Float32Array(100_000) })).toThrow(
      StoreFull,
    );
    const holds = () => {
      const { events } = store.events({ limit: 500 });
      expect(events.map(({ id }) => id).toReversed()).toEqual(stored);
      expect(store.outboxState().waiting).toBe(stored.length);
    };
    holds();
    await rm(filler);
    const event = inventedEvent({ start: 1e6 });
    store.addEvent(event, [message]);
    stored.push(event.id);
    store.close();
    store = openStore(folder);
    holds();
    expect(store.scores('door', 0, 1e9)).toEqual([]);
    store.close();
  });

  test('is a line for the user where a store is opened', async () => {
    const folder = join(disk!.folder, 'new');
    const { bavail, bsize } = await statfs(disk!.folder);
    await writeFile(join(disk!.folder, 'filler'), new Uint8Array(bavail * bsize));
    expect(() => openStore(folder)).toThrow('the disk is full; free some space');
  });
});
