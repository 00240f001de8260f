import { createHash } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { ArchivedContent } from '../parts.ts';

/** Files whose content is remembered at most. */
const MOST_REMEMBERED = 20_000;

interface Remembered extends ArchivedContent {
  readonly changed: number;
}

/** Contents of files of this machine. A file is read once, unless it changed. */
export class Contents {
  readonly #remembered = new Map<string, Remembered>();

  /** @returns undefined where there is no such file */
  async of(path: string): Promise<ArchivedContent | undefined> {
    const found = await stat(path).catch(notThere);
    if (!found) return undefined;
    const known = this.#remembered.get(path);
    if (known && known.bytes === found.size && known.changed === found.mtimeMs) return known;
    const file = await open(path).catch(notThere);
    try {
      return file && (await this.ofOpen(path, file));
    } finally {
      await file?.close();
    }
  }

  /** Of an open file: its name may be another's by now. */
  async ofOpen(path: string, file: FileHandle): Promise<ArchivedContent> {
    const { mtimeMs: changed } = await file.stat();
    const sum = createHash('sha256');
    let bytes = 0;
    for await (const chunk of file.createReadStream({ start: 0, autoClose: false })) {
      sum.update(chunk);
      bytes += (chunk as Buffer).length;
    }
    const content = { hash: sum.digest('hex'), bytes, changed };
    this.#remember(path, content);
    return content;
  }

  #remember(path: string, content: Remembered): void {
    this.#remembered.delete(path);
    this.#remembered.set(path, content);
    if (this.#remembered.size > MOST_REMEMBERED)
      this.#remembered.delete(this.#remembered.keys().next().value!);
  }
}

function notThere(error: NodeJS.ErrnoException): undefined {
  if (['ENOENT', 'ENOTDIR'].includes(error.code ?? '')) return undefined;
  throw error;
}
