import { setTimeout as pause } from 'node:timers/promises';
import { Backoff } from '../../backoff.ts';
import { LeaseLost } from '../parts.ts';
import type { Archive, PutResult } from './archive.ts';
import { bucketReason } from './bucket.ts';

/** Files that wait at most; of those beyond it the listener is told when there is room. */
const MOST_WAITING = 10_000;

/** Files that are put at once. */
const AT_ONCE = 4;

/** Milliseconds between two looks at files that are due later. */
const LOOK = 1000;

export interface UploadsOptions {
  /** Milliseconds of the first wait after a failure, and the longest; default 1000 and 60,000. */
  readonly wait?: readonly [first: number, longest: number];
  readonly most?: number;
}

/** Callbacks of the owner. None of these may throw. */
export interface UploadsListener {
  /** What the file is of is stored no more. */
  onUnwanted(path: string): void;
  /** There is room again for those that found none. */
  onRoom(): void;
  onNotices(): void;
}

export interface UploadOptions {
  /** Only where neither the archive has one by this path, nor one waits. */
  readonly onlyNew?: boolean;
  /** Milliseconds until it is put. */
  readonly after?: number;
}

interface Upload {
  readonly onlyNew: boolean;
  readonly due: number;
  /** Those who wait for it. */
  readonly settled: PromiseWithResolvers<void>[];
}

/**
 * Files on their way into an archive: each is put until it is there. It waits in memory only; what is
 * left at the end is found again at the next start.
 */
export class Uploads {
  readonly #archive: Pick<Archive, 'name' | 'put'>;
  readonly #listener: UploadsListener;
  readonly #most: number;
  readonly #backoff: Backoff;
  readonly #waiting = new Map<string, Upload>();
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #look: number;
  #timer: NodeJS.Timeout | undefined;
  #resumes = 0;
  #left = false;
  #trouble: string | undefined;
  #closed = true;

  constructor(
    archive: Pick<Archive, 'name' | 'put'>,
    listener: UploadsListener,
    { wait: [first, longest] = [1000, 60_000], most = MOST_WAITING }: UploadsOptions = {},
  ) {
    this.#archive = archive;
    this.#listener = listener;
    this.#most = most;
    this.#backoff = new Backoff(first, longest);
    this.#look = Math.min(LOOK, first);
  }

  start(): void {
    this.#closed = false;
    this.#timer ??= setInterval(() => this.#pump(), this.#look);
  }

  /** Files that are not in the archive yet. */
  get waiting(): number {
    return this.#waiting.size + this.#underWay.size;
  }

  /** What a person should know, one line each. */
  get notices(): readonly string[] {
    if (this.#trouble === undefined) return [];
    return [
      `Files cannot be put into ${this.#archive.name} (${this.#trouble}): ${this.waiting} wait on this machine, and are tried again`,
    ];
  }

  /** Whether this machine has a file that the archive may not have as it is here. */
  has(path: string): boolean {
    return this.#waiting.has(path) || this.#underWay.has(path);
  }

  /** A file was written, or written again. */
  add(path: string, { onlyNew = false, after = 0 }: UploadOptions = {}): void {
    if (this.#closed || (onlyNew && this.has(path))) return;
    if (this.#waiting.size >= this.#most && !this.#waiting.has(path)) {
      this.#left = true;
      return;
    }
    const settled = this.#waiting.get(path)?.settled ?? [];
    this.#waiting.set(path, { onlyNew, due: performance.now() + after, settled });
    this.#pump();
  }

  /**
   * As {@link add} of each, in their order.
   * @returns settles when all are in the archive
   * @throws where one is gone, another worker has the camera, or the signal says so
   */
  async putAll(paths: readonly string[], signal: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    aborted.promise.catch(() => undefined);
    try {
      for (const path of paths) {
        signal.throwIfAborted();
        const settled = Promise.withResolvers<void>();
        const others = this.#waiting.get(path)?.settled ?? [];
        this.#waiting.set(path, { onlyNew: false, due: 0, settled: [...others, settled] });
        this.#pump();
        await Promise.race([settled.promise, aborted.promise]);
      }
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Puts what waits for so long at most, those that are due later as well. @param patience milliseconds */
  async stop(patience: number): Promise<void> {
    this.#closed = true;
    const end = performance.now() + patience;
    for (const [path, upload] of this.#waiting) this.#waiting.set(path, { ...upload, due: 0 });
    this.#pump();
    while (this.waiting > 0 && this.#trouble === undefined && performance.now() < end)
      await pause(20);
    clearInterval(this.#timer);
    this.#timer = undefined;
    const ended = new Error('the program ends');
    for (const { settled } of this.#waiting.values()) for (const one of settled) one.reject(ended);
    this.#waiting.clear();
    const left = Math.max(0, end - performance.now());
    await Promise.race([
      Promise.all(this.#underWay.values()),
      pause(left, undefined, { ref: false }),
    ]);
  }

  #pump(): void {
    const now = performance.now();
    if (now < this.#resumes) return;
    for (const [path, upload] of this.#waiting) {
      // After a failure one at a time, until it goes well again.
      if (this.#underWay.size >= (this.#trouble === undefined ? AT_ONCE : 1)) return;
      if (upload.due > now || this.#underWay.has(path)) continue;
      this.#waiting.delete(path);
      const work = this.#put(path, upload).finally(() => {
        this.#underWay.delete(path);
        this.#pump();
      });
      this.#underWay.set(path, work);
    }
    if (!this.#left || this.#waiting.size > this.#most / 2) return;
    this.#left = false;
    this.#listener.onRoom();
  }

  async #put(path: string, upload: Upload): Promise<void> {
    try {
      const result = await this.#archive.put(path, { onlyNew: upload.onlyNew });
      this.#backoff.reset();
      this.#say(undefined);
      this.#settle(path, upload, result);
    } catch (error) {
      if (error instanceof LeaseLost) {
        for (const one of upload.settled) one.reject(error);
        return;
      }
      this.#resumes = performance.now() + this.#backoff.next();
      // What was written meanwhile comes in its place.
      const newer = this.#waiting.get(path);
      if (newer) newer.settled.push(...upload.settled);
      else this.#waiting.set(path, { ...upload, due: 0 });
      this.#say(bucketReason(error));
    }
  }

  #settle(path: string, { settled }: Upload, result: PutResult): void {
    if (result === 'unwanted') this.#listener.onUnwanted(path);
    for (const one of settled)
      if (result === 'stored') one.resolve();
      else one.reject(new Error(`${path}: is ${result}`));
  }

  #say(trouble: string | undefined): void {
    if (this.#trouble === trouble) return;
    this.#trouble = trouble;
    this.#listener.onNotices();
  }
}
