import { rm, stat } from 'node:fs/promises';
import { ifRoom } from '../disk/if-room.ts';
import type { ArchiveRows } from '../parts.ts';
import type { Archive } from './archive.ts';
import type { Uploads } from './uploads.ts';

/** The learned scenes of the cameras that a machine has, which their decoders write by themselves. */
export class Scenes {
  readonly #archive: Pick<Archive, 'fetch' | 'remove'>;
  readonly #rows: Pick<ArchiveRows, 'content'>;
  readonly #uploads: Pick<Uploads, 'add'>;
  /** As each file was seen last; undefined where there was none. */
  readonly #seen = new Map<string, string | undefined>();

  constructor(
    archive: Pick<Archive, 'fetch' | 'remove'>,
    rows: Pick<ArchiveRows, 'content'>,
    uploads: Pick<Uploads, 'add'>,
  ) {
    this.#archive = archive;
    this.#rows = rows;
    this.#uploads = uploads;
  }

  /** Has the scene as the camera's worker before left it, and follows it from now on. */
  async take(path: string): Promise<void> {
    // What is here may be from a time when this machine had the camera before.
    if (this.#rows.content(path)) await this.#archive.fetch(path);
    else await rm(path, { force: true });
    this.#seen.set(path, await signature(path));
  }

  release(path: string): void {
    this.#seen.delete(path);
  }

  /** Archives those that were learned, and forgets those that are to be learned again. */
  async look(): Promise<void> {
    for (const [path, before] of [...this.#seen]) {
      const now = await signature(path);
      if (now === before || !this.#seen.has(path)) continue;
      if (now !== undefined) this.#uploads.add(path);
      else if (!ifRoom(() => this.#archive.remove(path))) continue;
      this.#seen.set(path, now);
    }
  }
}

async function signature(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && `${found.mtimeMs} ${found.size}`;
}
