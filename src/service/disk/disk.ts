import { statfs } from 'node:fs/promises';

/** Bytes that are kept free for events and scores, or their share of a small disk. */
const margin = 200_000_000;
const marginShare = 0.05;

/** How much more must be free for clips to be made again, so that they do not come and go. */
const recovered = 1.25;

/** How much is free on the disk of a folder, and whether that is enough for clips. */
export class Disk {
  readonly #folder: string;
  #free: number | null = null;
  #low = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Bytes that are free; null before the first look. */
  get free(): number | null {
    return this.#free;
  }

  /** Whether too little is free for clips. */
  get low(): boolean {
    return this.#low;
  }

  async look(): Promise<number> {
    const { bavail, blocks, bsize } = await statfs(this.#folder);
    const needed = Math.min(margin, marginShare * blocks * bsize);
    this.#free = bavail * bsize;
    this.#low = this.#free < needed * (this.#low ? recovered : 1);
    return this.#free;
  }
}
