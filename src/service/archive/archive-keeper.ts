import { setImmediate as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { UnknownCase } from '../../errors.ts';
import type { AnomalyEvent } from '../contract/event.ts';
import type { ServiceSettings } from '../contract/settings.ts';
import { ifRoom } from '../disk/if-room.ts';
import type { FileRows } from '../files/file-rows.ts';
import { madeRoom, oldest } from '../files/oldest.ts';
import type { ArchiveRows } from '../parts.ts';
import { type Bucket, bucketReason } from './bucket.ts';
import { sweepObjects } from './object-sweep.ts';

export interface ArchiveKeeperOptions {
  readonly bucket: Pick<Bucket, 'list' | 'written' | 'remove'>;
  readonly archived: ArchiveRows;
  readonly rows: FileRows;
  readonly limits: () => ServiceSettings['storage'];
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Milliseconds between two looks; default a minute. */
  readonly look?: number;
}

/** Callbacks of the owner. None of these may throw. */
export interface ArchiveKeeperListener {
  /** Its files went to make room. */
  onEvent(event: AnomalyEvent): void;
  /** A near miss was removed because it is old. */
  onRemoved(event: AnomalyEvent): void;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Milliseconds from its start to the first sweep of objects, and from each to the next. */
const FIRST_SWEEP = HOUR / 6;
const SWEEP_EVERY = 6 * HOUR;

/** Keeps a whole archive within its limit: rows of what is oldest go, then objects that no row names. */
export class ArchiveKeeper {
  readonly #options: Required<ArchiveKeeperOptions>;
  readonly #listener: ArchiveKeeperListener;
  #end = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #sweep: Promise<void> = Promise.resolve();
  #tidied = Number.NEGATIVE_INFINITY;
  #bytes = 0;

  constructor(options: ArchiveKeeperOptions, listener: ArchiveKeeperListener) {
    this.#options = { look: 60_000, ...options };
    this.#listener = listener;
  }

  start(): void {
    this.#end = new AbortController();
    void this.look();
    this.#timer = setInterval(() => void this.look(), this.#options.look);
    this.#sweepLater(FIRST_SWEEP);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#sweepTimer);
    this.#end.abort();
    await Promise.all([this.#looking, this.#sweep]);
  }

  /** Bytes of the archive, and how many they may be. */
  get storage(): { readonly bytes: number; readonly maxBytes: number } {
    return { bytes: this.#bytes, maxBytes: this.#options.limits().maxBytes };
  }

  /** Removes what is old, and what is beyond the limit. A database that does not answer is asked again. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    if (performance.now() - this.#tidied > HOUR && ifRoom(() => this.#removeOld()))
      this.#tidied = performance.now();
    while (!this.#end.signal.aborted && this.#isOver()) {
      let removed = false;
      ifRoom(() => {
        removed = this.#removeOldest();
      });
      if (!removed) return;
      // Others have their turn in between.
      await pause();
    }
  }

  #removeOld(): void {
    const { rows, archived, limits } = this.#options;
    const now = archived.now();
    const before = now - limits().nearMissDays * DAY;
    for (const event of rows.nearMissesBefore(before))
      if (rows.removeEvent(event.id)) this.#listener.onRemoved(event);
    for (const { id } of rows.cameras()) rows.removeScores(id, before);
    // Each machine looks after its own folder.
    rows.forgetRemovals(now - HOUR);
  }

  #isOver(): boolean {
    ifRoom(() => {
      this.#bytes = this.#options.archived.bytes();
    });
    return this.#bytes > this.#options.limits().maxBytes;
  }

  /** @returns whether anything could be */
  #removeOldest(): boolean {
    const { rows, archived, limits } = this.#options;
    const bytesOf = (files: readonly { readonly path: string }[]) =>
      archived.bytesOf(files.map(({ path }) => path));
    const goes = oldest(rows, bytesOf, limits().maxBytes);
    switch (goes?.kind) {
      case 'footage':
        rows.removeFootage(goes.path);
        return true;
      case 'clip':
      case 'pictures': {
        const event = rows.updateEvent(goes.event, madeRoom[goes.kind]);
        if (event) this.#listener.onEvent(event);
        return true;
      }
      case undefined:
        return false;
      default:
        throw new UnknownCase(goes satisfies never);
    }
  }

  #sweepLater(wait: number): void {
    this.#sweepTimer = setTimeout(() => {
      this.#sweep = this.#sweepNow().finally(() => {
        if (!this.#end.signal.aborted) this.#sweepLater(SWEEP_EVERY);
      });
    }, wait);
  }

  async #sweepNow(): Promise<void> {
    const { bucket, archived, logger } = this.#options;
    try {
      const removed = await sweepObjects(bucket, archived, this.#end.signal);
      logger.info({ removed }, 'objects swept');
    } catch (error) {
      logger.warn({ reason: bucketReason(error) }, 'objects not swept');
    }
  }
}
