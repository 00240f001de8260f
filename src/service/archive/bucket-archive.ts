import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, type FileHandle, open, stat, utimes } from 'node:fs/promises';
import { UserError } from '../../errors.ts';
import { writeAtomically } from '../../files/atomic.ts';
import { type ArchivedContent, type ArchiveRows, CannotStore } from '../parts.ts';
import { type Archive, ContentLost, type PutResult } from './archive.ts';
import { type Bucket, bucketReason } from './bucket.ts';
import { Contents } from './contents.ts';

/** An {@link Archive} whose contents are objects in S3, and whose rows are in the store. */
export class BucketArchive implements Archive {
  readonly #bucket: Bucket;
  readonly #rows: ArchiveRows;
  readonly #contents = new Contents();
  readonly #fetching = new Map<string, Promise<boolean>>();

  constructor(bucket: Bucket, rows: ArchiveRows) {
    this.#bucket = bucket;
    this.#rows = rows;
  }

  get name(): string {
    return this.#bucket.name;
  }

  async put(path: string, { onlyNew = false } = {}): Promise<PutResult> {
    const rows = this.#rows;
    if (onlyNew && rows.content(path)) return 'stored';
    const file = await opened(path);
    if (!file) return 'gone';
    try {
      if (!rows.isWanted(path)) return 'unwanted';
      const content = await this.#contents.ofOpen(path, file);
      // A row keeps its object from being swept.
      if (rows.content(path)?.hash === content.hash) return 'stored';
      const begun = rows.now();
      await this.#bucket.put(content, file);
      const added = rows.add(path, content, begun);
      if (added === 'swept') throw new Error('an old object of the same content is being removed');
      return added;
    } finally {
      await file.close();
    }
  }

  fetch(path: string): Promise<boolean> {
    const under = this.#fetching.get(path);
    if (under) return under;
    const fetching = this.#fetch(path).finally(() => this.#fetching.delete(path));
    this.#fetching.set(path, fetching);
    return fetching;
  }

  remove(path: string): void {
    this.#rows.remove(path);
  }

  async #fetch(path: string): Promise<boolean> {
    const content = this.#rows.content(path);
    if (!content) return isThere(path);
    const local = await this.#contents.of(path);
    if (local?.hash === content.hash) await used(path);
    else await this.#download(path, content);
    return true;
  }

  async #download(path: string, { hash }: ArchivedContent): Promise<void> {
    const place = this.#bucket.placeOf(hash);
    try {
      const body = await this.#bucket.get(hash);
      if (!body) throw new ContentLost(`${path}: its content, ${place}, is gone`);
      await writeAtomically(path, async (file) => {
        const sum = createHash('sha256');
        for await (const chunk of body) {
          sum.update(chunk);
          await file.writeFile(chunk);
        }
        const found = sum.digest('hex');
        if (found !== hash)
          throw new ContentLost(
            `${path}: its content, ${place}, is damaged: it has the hash ${found.slice(0, 12)}…; it is not used`,
          );
      });
    } catch (error) {
      if (error instanceof UserError || error instanceof CannotStore) throw error;
      // Of this machine's disk.
      if ((error as NodeJS.ErrnoException).path !== undefined) throw error;
      throw new UserError(`${path}: cannot be had from ${this.name} (${bucketReason(error)})`);
    }
  }
}

async function opened(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return undefined;
    throw error;
  }
}

const isThere = (path: string): Promise<boolean> =>
  access(path, constants.R_OK).then(
    () => true,
    () => false,
  );

/** What was not used for longest makes room first. */
async function used(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found) await utimes(path, Date.now() / 1000, found.mtimeMs / 1000).catch(() => undefined);
}
