import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** How many bytes things take, by name, and all together. */
export class Sizes {
  readonly #sizes = new Map<string, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  of(name: string): number {
    return this.#sizes.get(name) ?? 0;
  }

  set(name: string, bytes: number): void {
    this.#total += bytes - (this.#sizes.get(name) ?? 0);
    if (bytes > 0) this.#sizes.set(name, bytes);
    else this.#sizes.delete(name);
  }
}

/** Bytes of a file; 0 where there is none. */
export async function fileSize(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

/** Names in a folder; none where it is not there, or a file. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR'].includes(code)) return [];
    throw error;
  }
}

/** Bytes of the files of a folder, without its folders. */
export async function folderSize(folder: string): Promise<number> {
  const names = await namesIn(folder);
  const sizes = await Promise.all(names.map((name) => fileSize(join(folder, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}
