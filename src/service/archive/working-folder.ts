import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { namesIn } from '../files/sizes.ts';
import type { ArchiveRows, StoredCamera } from '../parts.ts';

/** Folders whose files an archive has. */
const ARCHIVED = ['events', 'footage', 'models', 'odd', 'scenes'];

/** Of these, files that can be had again when they are needed. */
const CACHED = ['events', 'footage'];

/** Files of one question to the store. */
const AT_ONCE = 500;

const DAY = 24 * 3_600_000;

/** Of `writeAtomically`: never whole. */
const temporary = /\.[0-9a-f]{8}\.tmp$/;

interface Found {
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly written: number;
  readonly used: number;
}

/**
 * The working folder of a machine: what its archive has, and what that has not yet. It may be deleted
 * while nothing runs.
 */
export class WorkingFolder {
  readonly path: string;
  readonly #rows: Pick<ArchiveRows, 'missing'>;

  constructor(path: string, rows: Pick<ArchiveRows, 'missing'>) {
    this.path = resolve(path);
    this.#rows = rows;
  }

  /** Whether it is a path in one of its folders of files. */
  has(path: string): boolean {
    return ARCHIVED.some((name) => resolve(path).startsWith(join(this.path, name) + sep));
  }

  /** Removes what a program that was killed left half-written; nothing may be writing by then. */
  async removeHalfWritten(): Promise<void> {
    for (const name of ARCHIVED)
      for (const { path } of await filesBelow(join(this.path, name)))
        if (temporary.test(path)) await rm(path, { force: true });
  }

  /** Files that the archive does not have. @param folders whole, or in this folder */
  async *missing(folders: readonly string[]): AsyncGenerator<Pick<Found, 'path' | 'written'>> {
    for (const folder of folders) {
      const files = (await filesBelow(resolve(this.path, folder))).filter(
        ({ path }) => !temporary.test(path),
      );
      for (let i = 0; i < files.length; i += AT_ONCE) {
        const some = files.slice(i, i + AT_ONCE);
        const missing = new Set(this.#rows.missing(some.map(({ path }) => path)));
        yield* some.filter(({ path }) => missing.has(path));
      }
    }
  }

  /** Removes what nothing stored is the owner of, unless it was written within a day. */
  async removeUnwanted(path: string): Promise<void> {
    const found = await stat(path).catch(() => undefined);
    if (!found || Date.now() - found.mtimeMs < DAY) return;
    await rm(path, { force: true });
    // A folder that is not empty stays.
    await rmdir(dirname(path)).catch(() => undefined);
  }

  /** Removes models that no camera has any more, unless they were written within a day. */
  async removeOldModels(cameras: readonly StoredCamera[]): Promise<void> {
    const used = new Set(cameras.flatMap(({ model, learning }) => [model, learning?.out ?? null]));
    const models = join(this.path, 'models');
    for (const camera of await namesIn(models))
      for (const name of await namesIn(join(models, camera))) {
        const folder = join(models, camera, name);
        const written = (await filesBelow(folder)).map((file) => file.written);
        if (used.has(folder) || Date.now() - Math.max(0, ...written) < DAY) continue;
        await rm(folder, { recursive: true, force: true });
      }
  }

  /** Bytes of the files that can be had again when they are needed. */
  async bytes(): Promise<number> {
    return (await this.#cached()).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * Removes files that the archive has, those first that were not used for longest.
   * @param bytes to be freed
   * @param keeps whether a file has to stay
   */
  async free(bytes: number, keeps: (path: string) => boolean): Promise<void> {
    const files = (await this.#cached()).toSorted((a, b) => a.used - b.used);
    let freed = 0;
    for (let i = 0; i < files.length && freed < bytes; i += AT_ONCE) {
      const some = files.slice(i, i + AT_ONCE);
      const missing = new Set(this.#rows.missing(some.map(({ path }) => path)));
      for (const file of some) {
        if (freed >= bytes || missing.has(file.path) || keeps(file.path)) continue;
        await rm(file.path, { force: true });
        freed += file.bytes;
      }
    }
  }

  async #cached(): Promise<Found[]> {
    const found = await Promise.all(CACHED.map((name) => filesBelow(join(this.path, name))));
    return found.flat();
  }
}

/** All files in a folder and its folders; none where there is no such folder. */
export async function filesBelow(folder: string): Promise<Found[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const found: Found[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const { size, mtimeMs, atimeMs } = (await stat(path).catch(() => undefined)) ?? {};
    if (size !== undefined)
      found.push({ path, bytes: size, written: mtimeMs!, used: Math.max(atimeMs!, mtimeMs!) });
  }
  return found;
}
