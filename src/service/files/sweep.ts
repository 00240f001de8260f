import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
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

/** The folder in the data folder for files without a row, one subfolder for each start that found some. */
export const setAsideName = 'set-aside';

/** Of `writeAtomically`: never whole. */
const temporary = /\.[0-9a-f]{8}\.tmp$/;

/**
 * Makes rows and files agree after a service that was killed, before another writes. Half-written
 * files go, and those whose rows were removed. Other files without a row are moved aside: an older
 * copy of the database has no rows of what came after it.
 * @param folder the data folder
 * @returns how many files and folders were moved aside, or should have been where that failed
 */
export async function sweep(folder: string, rows: FileRows): Promise<number> {
  const sweeping = new Sweep(resolve(folder), rows);
  await sweeping.events();
  await sweeping.footage();
  return sweeping.setAside;
}

/** Removes what rows say was removed on purpose, and nothing else: others may be writing. */
export async function removeRemoved(rows: Pick<FileRows, 'removals'>): Promise<void> {
  await someAtOnce(rows.removals(), (path) => rm(path, { recursive: true, force: true }));
}

class Sweep {
  readonly #folder: string;
  readonly #rows: FileRows;
  readonly #removed: ReadonlySet<string>;
  readonly #aside: string;
  setAside = 0;

  constructor(folder: string, rows: FileRows) {
    this.#folder = folder;
    this.#rows = rows;
    this.#removed = new Set([...rows.removals()].map((path) => resolve(path)));
    const now = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
    this.#aside = join(folder, setAsideName, now);
  }

  async events(): Promise<void> {
    const folder = join(this.#folder, 'events');
    const said = this.#rows.eventFiles();
    const there = new Set(await namesIn(folder));
    await someAtOnce(new Set([...there, ...said.keys()]), async (id) => {
      const event = said.get(id);
      if (event === undefined) await this.#clear(join(folder, id));
      else if (event.clip || event.thumbnail || there.has(id))
        await this.#event(join(folder, id), id, event);
    });
  }

  async #event(
    folder: string,
    id: string,
    said: { readonly thumbnail: boolean; readonly clip: boolean },
  ): Promise<void> {
    const names = await namesIn(folder);
    for (const name of names) if (!known.includes(name)) await this.#clear(join(folder, name));
    const has = (name: string) => names.includes(name);
    const clip = has(eventFileNames.clip);
    const thumbnail = has(eventFileNames.thumbnail) && has(eventFileNames.heatmap);
    ifRoom(() => {
      if (clip !== said.clip)
        this.#rows.updateEvent(id, { clip, clipMissing: clip ? null : 'its file was lost' });
      if (thumbnail !== said.thumbnail) this.#rows.updateEvent(id, { thumbnail });
    });
  }

  async footage(): Promise<void> {
    const folder = join(this.#folder, 'footage');
    const cameras = this.#rows.cameras().map(({ id }) => id);
    for (const name of new Set([...(await namesIn(folder)), ...cameras]))
      await this.#footageOf(name, join(folder, name), cameras.includes(name));
  }

  async #footageOf(camera: string, folder: string, known: boolean): Promise<void> {
    const files = (await namesIn(folder)).map((name) => join(folder, name));
    const said = known ? this.#rows.footage(camera).map(({ path }) => path) : [];
    const whole = new Set(said.map((path) => resolve(path)));
    for (const file of files) if (!whole.has(file)) await this.#clear(file);
    for (const path of said)
      if (!files.includes(resolve(path))) ifRoom(() => this.#rows.removeFootage(path));
    // What is not empty stays.
    if (!known) await rmdir(folder).catch(() => undefined);
  }

  /** Removes what is half-written or was to go, and moves aside what is not. */
  async #clear(path: string): Promise<void> {
    if (temporary.test(path) || this.#removed.has(path) || (await this.#isEmpty(path))) {
      await rm(path, { recursive: true, force: true });
      return;
    }
    this.setAside += 1;
    const target = join(this.#aside, relative(this.#folder, path));
    // Where there is no room for that, it stays where it is.
    await mkdir(dirname(target), { recursive: true })
      .then(() => rename(path, target))
      .catch(() => undefined);
  }

  /** A folder with nothing whole in it. */
  async #isEmpty(path: string): Promise<boolean> {
    const names = await readdir(path).catch(() => [path]);
    return names.every((name) => temporary.test(name));
  }
}
