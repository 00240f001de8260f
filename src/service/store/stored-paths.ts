import { isAbsolute, join, relative, resolve } from 'node:path';

const INSIDE = './';

/** Paths in the data folder are stored relative to it: it may be moved, or mounted elsewhere. */
export class StoredPaths {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = resolve(folder);
  }

  stored(path: string): string {
    const inside = relative(this.#folder, path);
    if (!isAbsolute(path) || inside.startsWith('..') || isAbsolute(inside)) return path;
    return `${INSIDE}${inside}`;
  }

  real(stored: string): string {
    return stored.startsWith(INSIDE) ? join(this.#folder, stored) : stored;
  }
}
