import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ifRoom } from '../disk/if-room.ts';
import type { FileRows } from './file-rows.ts';
import { namesIn } from './sizes.ts';
import { someAtOnce } from './some-at-once.ts';

/** The files of an event. */
export const eventFileNames = {
  thumbnail: 'thumbnail.jpg',
  heatmap: 'heatmap.png',
  clip: 'clip.mp4',
} as const;

const known: readonly string[] = Object.values(eventFileNames);

/**
 * Makes rows and files agree after a service that was killed, before another writes: files that are
 * half-written or of nothing that is stored go, rows say what is there.
 * @param folder the data folder
 */
export async function sweep(folder: string, rows: FileRows): Promise<void> {
  await sweepEvents(join(folder, 'events'), rows);
  await sweepFootage(join(folder, 'footage'), rows);
}

async function sweepEvents(folder: string, rows: FileRows): Promise<void> {
  const said = rows.eventFiles();
  const there = new Set(await namesIn(folder));
  await someAtOnce(new Set([...there, ...said.keys()]), async (id) => {
    const event = said.get(id);
    if (event === undefined) await remove(join(folder, id));
    else if (event.clip || event.thumbnail || there.has(id))
      await sweepEvent(join(folder, id), id, event, rows);
  });
}

async function sweepEvent(
  folder: string,
  id: string,
  said: { readonly thumbnail: boolean; readonly clip: boolean },
  rows: FileRows,
): Promise<void> {
  const names = await namesIn(folder);
  for (const name of names) if (!known.includes(name)) await remove(join(folder, name));
  const has = (name: string) => names.includes(name);
  const clip = has(eventFileNames.clip);
  const thumbnail = has(eventFileNames.thumbnail) && has(eventFileNames.heatmap);
  ifRoom(() => {
    if (clip !== said.clip)
      rows.updateEvent(id, { clip, clipMissing: clip ? null : 'its file was lost' });
    if (thumbnail !== said.thumbnail) rows.updateEvent(id, { thumbnail });
  });
}

async function sweepFootage(folder: string, rows: FileRows): Promise<void> {
  const cameras = rows.cameras().map(({ id }) => id);
  for (const name of await namesIn(folder))
    if (!cameras.includes(name)) await remove(join(folder, name));
  for (const camera of cameras) {
    const files = new Set(
      (await namesIn(join(folder, camera))).map((name) => join(folder, camera, name)),
    );
    const said = new Set(rows.footage(camera).map(({ path }) => path));
    const whole = new Set([...said].map((path) => resolve(path)));
    for (const file of files) if (!whole.has(resolve(file))) await remove(file);
    for (const path of said) if (!files.has(resolve(path))) ifRoom(() => rows.removeFootage(path));
  }
}

function remove(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true });
}
