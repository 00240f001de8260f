import { setTimeout as pause } from 'node:timers/promises';
import { Backoff } from '../../backoff.ts';
import { UserError } from '../../errors.ts';
import { CannotStore, type Learned, type Learner, type LearningJob } from '../parts.ts';
import { ContentLost } from './archive.ts';

/** What a learner needs of an archive. */
export interface LearnersFiles {
  /** Whether a path is in the working folder. */
  has(path: string): boolean;
  /** @returns whether the file is there @throws UserError where it cannot be had now */
  bring(path: string): Promise<boolean>;
  bringModel(folder: string): Promise<void>;
  /** They stay until what is returned is called. */
  hold(paths: readonly string[]): () => void;
  /** Puts a learned model, and the pictures of these odd minutes. */
  putLearned(
    job: Pick<LearningJob, 'out' | 'oddFolder'>,
    odd: readonly string[],
    signal: AbortSignal,
  ): Promise<void>;
}

/**
 * A learner that has its footage from an archive, and whose models and pictures are in the archive before
 * anybody knows of them: a camera's row never names a model that another machine cannot have.
 */
export class ArchivedLearner implements Learner {
  readonly #learner: Learner;
  readonly #files: LearnersFiles;

  constructor(learner: Learner, files: LearnersFiles) {
    this.#learner = learner;
    this.#files = files;
  }

  get residentBytes(): number {
    return this.#learner.residentBytes;
  }

  async learn(...[job, onProgress, signal]: Parameters<Learner['learn']>): Promise<Learned> {
    const release = this.#files.hold(job.footage.map(({ path }) => path));
    try {
      const footage = [];
      for (const file of job.footage)
        if (await this.#isThere(file.path, signal)) footage.push(file);
      const learned = await this.#learner.learn({ ...job, footage }, onProgress, signal);
      const odd = learned.oddMinutes.map(({ id }) => id);
      await this.#files.putLearned(job, odd, signal);
      return learned;
    } finally {
      release();
    }
  }

  async check(folder: string): ReturnType<Learner['check']> {
    if (this.#files.has(folder)) await this.#files.bringModel(folder);
    return this.#learner.check(folder);
  }

  stop(): Promise<void> {
    return this.#learner.stop();
  }

  /** Waits while S3 or the store does not answer. Footage that is nowhere is left out. */
  async #isThere(path: string, signal: AbortSignal): Promise<boolean> {
    if (!this.#files.has(path)) return true;
    const backoff = new Backoff(1000, 60_000);
    for (;;) {
      signal.throwIfAborted();
      try {
        return await this.#files.bring(path);
      } catch (error) {
        if (error instanceof ContentLost) return false;
        if (!(error instanceof UserError || error instanceof CannotStore)) throw error;
        await pause(backoff.next(), undefined, { signal });
      }
    }
  }
}
