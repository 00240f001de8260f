import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UnknownCase } from '../../errors.ts';
import type { AnomalyEvent } from '../contract/event.ts';
import type { ServiceSettings } from '../contract/settings.ts';
import { Disk } from '../disk/disk.ts';
import { ifRoom } from '../disk/if-room.ts';
import type { RecordedFile } from '../parts.ts';
import type { FileRows } from './file-rows.ts';
import { madeRoom, oldest } from './oldest.ts';
import { fileSize, folderSize, namesIn, Sizes } from './sizes.ts';
import { someAtOnce } from './some-at-once.ts';
import { eventFileNames, removeRemoved, setAsideName, sweep } from './sweep.ts';

export interface StoredFilesOptions {
  /** The data folder. */
  readonly folder: string;
  readonly rows: FileRows;
  readonly limits: () => ServiceSettings['storage'];
  /** Milliseconds between two looks at the disk; default 10,000. */
  readonly look?: number;
  /**
   * Of a folder that several processes share: a writer leaves limits and what is old to the keeper, of
   * which there is one at a time. Default `alone`.
   */
  readonly part?: 'alone' | 'writer' | 'keeper';
}

/** Callbacks of the owner. None of these may throw. */
export interface StoredFilesListener {
  /** Its files went to make room. */
  onEvent(event: AnomalyEvent): void;
  /** A near miss was removed because it is old. */
  onRemoved(event: AnomalyEvent): void;
  /** What {@link StoredFiles.notices} says has changed. */
  onNotices(): void;
}

/** What the rest of the service knows of it, and what another may do in its place. */
export type ServiceFiles = Pick<StoredFiles, keyof StoredFiles>;

const HOUR = 3_600_000;
const MINUTE = 60_000;
const DAY = 24 * HOUR;

/** Share of what there is on the disk that files may take, where the settings would let them take more. */
const shareOfDisk = 0.9;

/**
 * The files of events and footage: within a limit, the {@link oldest} going first, and as the store's
 * rows say. No event's row goes unless it is an old near miss.
 */
export class StoredFiles {
  readonly #options: Required<StoredFilesOptions>;
  readonly #listener: StoredFilesListener;
  readonly #disk: Disk;
  readonly #sizes = new Sizes();
  #capacity = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #tidied = 0;
  /** What is done one after another. */
  #work: Promise<void> = Promise.resolve();
  #notices: readonly string[] = [];
  #nothingLeft = false;

  constructor(options: StoredFilesOptions, listener: StoredFilesListener) {
    this.#options = { look: 10_000, part: 'alone', ...options, folder: resolve(options.folder) };
    this.#listener = listener;
    this.#disk = new Disk(options.folder);
  }

  /** Repairs what a service that was killed left, and counts; nothing of this process may be writing files by then. */
  async start(): Promise<void> {
    const { folder, rows, look, part } = this.#options;
    if (part === 'writer') {
      await this.#disk.look();
      this.#timer = setInterval(
        () => this.#then(() => this.#disk.look().then(() => undefined)),
        look,
      );
      return;
    }
    const begun = Date.now();
    if (part === 'alone') await sweep(folder, rows);
    else await removeRemoved(rows);
    ifRoom(() => rows.forgetRemovals(begun));
    await this.#count();
    this.#capacity = shareOfDisk * (this.#sizes.total + (await this.#disk.look()));
    await this.#tidy();
    this.#timer = setInterval(() => this.#then(() => this.#tidy()), look);
  }

  async #count(): Promise<void> {
    const { rows } = this.#options;
    await someAtOnce(rows.eventFiles(), async ([id, { thumbnail, clip }]) => {
      if (thumbnail || clip) this.#sizes.set(id, await folderSize(this.eventFolder(id)));
    });
    for (const { id } of rows.cameras())
      await someAtOnce(rows.footage(id), async ({ path }) =>
        this.#sizes.set(path, await fileSize(path)),
      );
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#work;
  }

  /** Bytes of events and footage, how many they may be, and how many are free on the disk. */
  get storage(): {
    readonly bytes: number;
    readonly maxBytes: number;
    readonly diskFree: number | null;
  } {
    const maxBytes = Math.min(this.#options.limits().maxBytes, Math.floor(this.#capacity));
    return { bytes: this.#sizes.total, maxBytes, diskFree: this.#disk.free };
  }

  /** What a person should know, one line each. */
  get notices(): readonly string[] {
    return this.#notices;
  }

  /** Why no clip should be made now; undefined where one may. */
  noClips(): string | undefined {
    return this.#disk.low ? 'the disk is nearly full' : undefined;
  }

  eventFolder(id: string): string {
    return join(this.#options.folder, 'events', id);
  }

  eventFile(id: string, kind: keyof typeof eventFileNames): string {
    return join(this.eventFolder(id), eventFileNames[kind]);
  }

  /**
   * Makes sure that a file is in the folder before it is read: here all are.
   * @param longest milliseconds that it may take
   */
  async fetch(_path: string, _longest?: number): Promise<void> {}

  /** Brings what a camera's worker before left: here it lies where it was. */
  async take(_camera: string): Promise<void> {}

  /** The camera is another worker's from now on. */
  release(_camera: string): void {}

  /** Files of an event were written, or written again. */
  eventWritten(id: string): void {
    if (this.#options.part === 'writer') return;
    this.#then(async () => {
      this.#sizes.set(id, await folderSize(this.eventFolder(id)));
      await this.#makeRoom();
    });
  }

  /** Footage was recorded. */
  footageWritten(path: string): void {
    if (this.#options.part === 'writer') return;
    this.#then(async () => {
      this.#sizes.set(path, await fileSize(path));
      await this.#makeRoom();
    });
  }

  /** Removes the files of an event whose row is gone. */
  removeEvent(id: string): void {
    this.#then(() => this.#removeEventFiles(id));
  }

  /** Removes footage and its row. */
  removeFootage(path: string): void {
    this.#then(async () => void (await this.#removeFootage(path)));
  }

  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error: Error) => {
      this.#notify([`Files cannot be looked after: ${error.message}`]);
    });
  }

  async #tidy(): Promise<void> {
    await this.#disk.look();
    const now = Date.now();
    // A clock that was set back must not keep all that is old.
    const every = this.#options.part === 'keeper' ? 10 * MINUTE : HOUR;
    if (Math.abs(now - this.#tidied) > every) {
      this.#tidied = now;
      if (this.#options.part === 'keeper') await this.#takeUp();
      await this.#removeOld(now - this.#options.limits().nearMissDays * DAY);
    }
    await this.#makeRoom();
    const notices: string[] = [];
    const aside = join(this.#options.folder, setAsideName);
    if ((await namesIn(aside)).length > 0)
      notices.push(
        `${aside} holds files of which service.db has no row, as after an older copy of it: move them back together with the newer copy, or delete them`,
      );
    if (this.#disk.low)
      notices.push(
        `The disk is nearly full (${megabytes(this.#disk.free!)} free): no clips are made until there is room`,
      );
    if (this.#nothingLeft)
      notices.push(
        `Footage that is being learned takes all of the ${megabytes(this.storage.maxBytes)} of storage: allow more`,
      );
    this.#notify(notices);
  }

  /** What writers did since the last time. */
  async #takeUp(): Promise<void> {
    await removeRemoved(this.#options.rows);
    await this.#count();
  }

  #notify(notices: readonly string[]): void {
    const before = this.#notices;
    this.#notices = notices;
    if (before.join('\n') !== notices.join('\n')) this.#listener.onNotices();
  }

  async #removeOld(before: number): Promise<void> {
    const { rows } = this.#options;
    for (const event of rows.nearMissesBefore(before)) {
      if (!ifRoom(() => rows.removeEvent(event.id))) return;
      await this.#removeEventFiles(event.id);
      this.#listener.onRemoved(event);
    }
    for (const { id } of rows.cameras()) ifRoom(() => rows.removeScores(id, before));
    // No removal takes that long: what is left of their files would be moved aside, not lost.
    ifRoom(() => rows.forgetRemovals(Date.now() - HOUR));
  }

  async #makeRoom(): Promise<void> {
    this.#nothingLeft = false;
    while (this.storage.bytes > this.storage.maxBytes) if (!(await this.#removeOldest())) return;
  }

  /** @returns whether anything could be */
  async #removeOldest(): Promise<boolean> {
    const bytesOf = (files: readonly RecordedFile[]) =>
      files.reduce((sum, { path }) => sum + this.#sizes.of(path), 0);
    const goes = oldest(this.#options.rows, bytesOf, this.storage.maxBytes);
    switch (goes?.kind) {
      case 'footage':
        return this.#removeFootage(goes.path);
      case 'clip':
        return this.#removeOfEvent(goes.event, ['clip'], madeRoom.clip);
      case 'pictures':
        return this.#removeOfEvent(goes.event, ['thumbnail', 'heatmap'], madeRoom.pictures);
      case undefined:
        this.#nothingLeft = true;
        return false;
      default:
        throw new UnknownCase(goes satisfies never);
    }
  }

  async #removeOfEvent(
    id: string,
    kinds: readonly (keyof typeof eventFileNames)[],
    change: Parameters<FileRows['updateEvent']>[1],
  ): Promise<boolean> {
    let event: AnomalyEvent | undefined;
    const row = () => (event = this.#options.rows.updateEvent(id, change));
    const removed = await this.#remove(row, async () => {
      for (const kind of kinds) await rm(this.eventFile(id, kind), { force: true });
      this.#sizes.set(id, await folderSize(this.eventFolder(id)));
    });
    if (event !== undefined) this.#listener.onEvent(event);
    return removed;
  }

  #removeFootage(path: string): Promise<boolean> {
    const row = () => this.#options.rows.removeFootage(path);
    return this.#remove(row, async () => {
      await rm(path, { force: true });
      this.#sizes.set(path, 0);
    });
  }

  /**
   * The row says so first, for a service that is killed in between; where the disk is too full for
   * that, the file makes room for it.
   * @returns whether the row says so
   */
  async #remove(row: () => void, file: () => Promise<void>): Promise<boolean> {
    const said = ifRoom(row);
    await file();
    return said || ifRoom(row);
  }

  async #removeEventFiles(id: string): Promise<void> {
    await rm(this.eventFolder(id), { recursive: true, force: true });
    this.#sizes.set(id, 0);
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
