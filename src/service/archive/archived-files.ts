import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ServiceSettings } from '../contract/settings.ts';
import { Disk } from '../disk/disk.ts';
import { ifRoom } from '../disk/if-room.ts';
import { DataFolder } from '../files/data-folder.ts';
import type { FileRows } from '../files/file-rows.ts';
import type { ServiceFiles } from '../files/stored-files.ts';
import { eventFileNames } from '../files/sweep.ts';
import type { ArchiveRows, LearningJob, StoredCamera } from '../parts.ts';
import type { Archive } from './archive.ts';
import type { ArchiveKeeper } from './archive-keeper.ts';
import type { LearnersFiles } from './archived-learner.ts';
import { fetchModel, modelLast } from './fetched.ts';
import { Scenes } from './scenes.ts';
import { Uploads, type UploadsOptions } from './uploads.ts';
import { filesBelow, WorkingFolder } from './working-folder.ts';

export interface ArchivedFilesOptions {
  /** The working folder. */
  readonly folder: string;
  readonly archive: Archive;
  readonly archived: ArchiveRows;
  readonly rows: Pick<FileRows, 'cameras' | 'removeFootage'>;
  readonly limits: () => ServiceSettings['storage'];
  readonly logger: Pick<Logger, 'warn'>;
  /**
   * Of a server: it keeps the archive within its limit, and puts models and scenes of its folder where
   * the archive has none.
   */
  readonly keeper?: ArchiveKeeper | undefined;
  /** Milliseconds between two looks at scenes and the disk; default 5000. */
  readonly look?: number;
  /** Milliseconds that footage waits, for most of it is dropped by then; default 10 minutes. */
  readonly footageAfter?: number;
  /** Milliseconds that a file is waited for whose event says that it has it; default 3000. */
  readonly patience?: number;
  readonly uploads?: UploadsOptions;
}

export interface ArchivedFilesListener {
  /** What {@link ArchivedFiles.notices} says has changed. */
  onNotices(): void;
}

const HOUR = 3_600_000;

/** Milliseconds for files that are under way when the program ends. */
const LAST_UPLOADS = 10_000;

/** Milliseconds that a camera waits for its scene and its model, before it is seen without them. */
const LONGEST_TAKE = 10_000;

/** Milliseconds between two looks for a file that another machine is putting. */
const LOOK_AGAIN = 200;

/** Share of the limit that is freed at once. */
const FREED = 0.1;

/**
 * The files of events, footage, models and scenes of a machine whose folder is a cache of an archive.
 * They are written here first, and put into the archive afterwards: nothing waits for that but a
 * learned model.
 */
export class ArchivedFiles implements ServiceFiles, LearnersFiles {
  readonly #options: ArchivedFilesOptions &
    Required<Pick<ArchivedFilesOptions, 'look' | 'footageAfter' | 'patience'>>;
  readonly #listener: ArchivedFilesListener;
  readonly #working: WorkingFolder;
  readonly #data: DataFolder;
  readonly #disk: Disk;
  readonly #uploads: Uploads;
  readonly #scenes: Scenes;
  readonly #held = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #looking = false;
  #searched = Number.NEGATIVE_INFINITY;
  #freed = Number.NEGATIVE_INFINITY;
  #bytes = 0;
  /** What could not be fetched last, and when. */
  #lost: { readonly line: string; readonly time: number } | undefined;
  #closed = false;

  constructor(options: ArchivedFilesOptions, listener: ArchivedFilesListener) {
    this.#options = { look: 5000, footageAfter: 600_000, patience: 3000, ...options };
    this.#listener = listener;
    const { folder, archive, archived } = options;
    this.#working = new WorkingFolder(folder, archived);
    this.#data = new DataFolder(folder);
    this.#disk = new Disk(folder);
    this.#uploads = new Uploads(
      archive,
      {
        onUnwanted: (path) => this.#then(() => this.#working.removeUnwanted(path)),
        onRoom: () => this.#then(() => this.#search()),
        onNotices: () => this.#listener.onNotices(),
      },
      options.uploads,
    );
    this.#scenes = new Scenes(archive, archived, this.#uploads);
  }

  /** Finds what the archive does not have yet; nothing of this process may be writing files by then. */
  async start(): Promise<void> {
    this.#closed = false;
    this.#searched = Number.NEGATIVE_INFINITY;
    this.#uploads.start();
    await mkdir(this.#working.path, { recursive: true });
    await this.#working.removeHalfWritten();
    await this.#look();
    this.#timer = setInterval(() => this.#then(() => this.#look()), this.#options.look);
    this.#options.keeper?.start();
  }

  /** Puts what waits, for some seconds at most; the next start finds the rest. */
  async stop(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await Promise.all([this.#work, this.#options.keeper?.stop()]);
    await this.#scenes.look().catch(() => undefined);
    await this.#uploads.stop(LAST_UPLOADS);
  }

  /** Of the archive on a server, of the working folder elsewhere. */
  get storage(): ServiceFiles['storage'] {
    const { keeper, limits } = this.#options;
    const { bytes, maxBytes } = keeper?.storage ?? {
      bytes: this.#bytes,
      maxBytes: limits().maxBytes,
    };
    return { bytes, maxBytes, diskFree: this.#disk.free };
  }

  get notices(): readonly string[] {
    const full = `The disk of this machine is nearly full: no clips are made until there is room`;
    return [
      ...this.#uploads.notices,
      ...(this.#disk.low ? [full] : []),
      ...(this.#lost ? [this.#lost.line] : []),
    ];
  }

  /** Files that are not in the archive yet. */
  get waiting(): number {
    return this.#uploads.waiting;
  }

  noClips(): string | undefined {
    return this.#disk.low ? 'the disk is nearly full' : undefined;
  }

  eventFolder(id: string): string {
    return join(this.#working.path, 'events', id);
  }

  eventFile(id: string, kind: keyof typeof eventFileNames): string {
    return join(this.eventFolder(id), eventFileNames[kind]);
  }

  eventWritten(id: string): void {
    this.#then(async () => {
      for (const { path } of await filesBelow(this.eventFolder(id)))
        if (isEventFile(path)) this.#uploads.add(path);
    });
  }

  footageWritten(path: string): void {
    this.#uploads.add(path, { after: this.#options.footageAfter });
  }

  /** Its row is gone, and those of its files with it. */
  removeEvent(id: string): void {
    this.#then(() => rm(this.eventFolder(id), { recursive: true, force: true }));
  }

  removeFootage(path: string): void {
    this.#then(async () => {
      if (ifRoom(() => this.#options.rows.removeFootage(path))) await rm(path, { force: true });
    });
  }

  /** One that cannot be had is not there. */
  async fetch(path: string, longest?: number): Promise<void> {
    const fetched = this.#fetch(path, longest);
    if (longest === undefined) await fetched;
    else await Promise.race([fetched, pause(longest, undefined, { ref: false })]);
  }

  has(path: string): boolean {
    return this.#working.has(path);
  }

  async bring(path: string): Promise<boolean> {
    // What waits here is newer than what the archive has.
    return this.#uploads.has(path) || (await this.#options.archive.fetch(path));
  }

  bringModel(folder: string): Promise<void> {
    const { archive, archived } = this.#options;
    return fetchModel(folder, archive, archived);
  }

  hold(paths: readonly string[]): () => void {
    for (const path of paths) this.#held.set(path, (this.#held.get(path) ?? 0) + 1);
    return () => {
      for (const path of paths) {
        const others = this.#held.get(path)! - 1;
        if (others > 0) this.#held.set(path, others);
        else this.#held.delete(path);
      }
    };
  }

  async putLearned(
    { out, oddFolder }: Pick<LearningJob, 'out' | 'oddFolder'>,
    odd: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const model = (await filesBelow(out)).map(({ path }) => path);
    const pictures = odd.map((id) => join(oddFolder, `${id}.jpg`));
    await this.#uploads.putAll([...pictures, ...modelLast(model)], signal);
  }

  /**
   * Brings what a camera's worker before left: its scene and its model. What cannot be had soon is
   * asked for again when it is needed.
   */
  async take(camera: string): Promise<void> {
    const taken = this.#take(camera).catch((error: Error) => {
      this.#options.logger.warn({ camera, reason: error.message }, 'files not fetched');
    });
    await Promise.race([taken, pause(LONGEST_TAKE, undefined, { ref: false })]);
  }

  /** Another worker has the camera from now on. */
  release(camera: string): void {
    this.#scenes.release(this.#data.scene(camera));
  }

  async #take(camera: string): Promise<void> {
    await this.#scenes.take(this.#data.scene(camera));
    const model = this.#options.rows.cameras().find(({ id }) => id === camera)?.model;
    if (!model || !this.has(model)) return;
    // The numbers of models go on from it.
    await mkdir(model, { recursive: true });
    await this.bringModel(model);
  }

  /** Waits a moment for a file that another machine is putting. */
  async #fetch(path: string, longest = Number.POSITIVE_INFINITY): Promise<void> {
    const { patience, logger } = this.#options;
    const end = performance.now() + Math.min(patience, longest);
    try {
      while (!(await this.bring(path))) {
        const left = end - performance.now();
        if (left <= 0) return;
        await pause(Math.min(LOOK_AGAIN, left));
      }
    } catch (error) {
      const { message } = error as Error;
      logger.warn({ reason: message }, 'file not fetched');
      this.#sayLost(message);
    }
  }

  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error: Error) => {
      this.#options.logger.warn({ reason: error.message }, 'files not looked after');
    });
  }

  async #look(): Promise<void> {
    if (this.#looking || this.#closed) return;
    this.#looking = true;
    try {
      const { low } = this.#disk;
      await this.#disk.look();
      await this.#scenes.look();
      if (performance.now() - this.#searched > HOUR) await this.#search();
      await this.#makeRoom();
      if (this.#disk.low !== low) this.#listener.onNotices();
      if (this.#lost && performance.now() - this.#lost.time > HOUR) this.#sayLost(undefined);
    } finally {
      this.#looking = false;
    }
  }

  /** What the archive does not have is put, or goes where nobody has it any more. */
  async #search(): Promise<void> {
    this.#searched = performance.now();
    const { keeper, footageAfter, rows } = this.#options;
    for await (const { path } of this.#working.missing(['events']))
      if (isEventFile(path)) this.#uploads.add(path, { onlyNew: true });
    for await (const { path, written } of this.#working.missing(['footage'])) {
      const after = Math.min(footageAfter, Math.max(0, written + footageAfter - Date.now()));
      this.#uploads.add(path, { onlyNew: true, after });
    }
    const cameras = rows.cameras();
    if (keeper) await this.#adopt(cameras);
    await this.#working.removeOldModels(cameras);
  }

  /**
   * Models, scenes and pictures of a data folder that was one machine's. A scene comes with its
   * camera's model: later it may be missing because it is being learned again.
   */
  async #adopt(cameras: readonly StoredCamera[]): Promise<void> {
    const found: string[] = [];
    for (const { id, model } of cameras) {
      if (model === null || !this.has(model)) continue;
      const files: string[] = [];
      for await (const { path } of this.#working.missing([model])) files.push(path);
      if (files.length > 0) found.push(this.#data.scene(id), ...modelLast(files));
    }
    for await (const { path } of this.#working.missing(['odd'])) found.push(path);
    for (const path of found) this.#uploads.add(path, { onlyNew: true });
  }

  async #makeRoom(): Promise<void> {
    const { maxBytes } = this.#options.limits();
    const often = this.#disk.low ? 60_000 : HOUR / 6;
    if (performance.now() - this.#freed < often) return;
    this.#freed = performance.now();
    this.#bytes = await this.#working.bytes();
    const over = this.#bytes - maxBytes;
    if (over <= 0 && !this.#disk.low) return;
    await this.#working.free(
      Math.max(0, over) + FREED * Math.min(maxBytes, this.#bytes),
      (path) => this.#held.has(path) || this.#uploads.has(path),
    );
    this.#bytes = await this.#working.bytes();
  }

  #sayLost(line: string | undefined): void {
    const before = this.#lost?.line;
    this.#lost = line === undefined ? undefined : { line, time: performance.now() };
    if (before !== line) this.#listener.onNotices();
  }
}

const eventFiles: readonly string[] = Object.values(eventFileNames);

const isEventFile = (path: string): boolean => eventFiles.includes(basename(path));
