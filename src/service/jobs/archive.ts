import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { PgBoss } from 'pg-boss';
import { UnknownCase, UserError } from '../../errors.ts';
import type { PictureRegion } from '../../scoring/regions/regions.ts';
import { version } from '../../version.ts';
import { StoredPaths } from '../store/stored-paths.ts';
import { shareModel } from './job-model.ts';
import { recordingState } from './recording.ts';
import { hasScores } from './scores-file.ts';
import { jobId, jobKey, type ScoringJob, scoresPath } from './scoring-job.ts';
import { openScoringQueue, type QueuedJob, queuedJobs, SCORING } from './scoring-queue.ts';

/** Milliseconds between two looks at the queue. */
const LOOK = 1000;

/** Milliseconds in which nothing is scored, after which the user is told. */
const IDLE = 20_000;

/** Milliseconds that a shared folder may take to show what another machine wrote. */
const FILE_PATIENCE = 60_000;

/** Jobs that are put into the queue, or asked for, at once. */
const BATCH = 1000;

export interface ArchiveOptions {
  /** Of the PostgreSQL that has the queue. */
  readonly address: string;
  /** The folder that all machines share. */
  readonly files: string;
  readonly model: string;
  /** Videos and folders of frames. */
  readonly videos: readonly string[];
  readonly fps?: number | undefined;
  readonly regions?: readonly PictureRegion[] | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ArchiveProgress) => void;
  /** Something that a person should know, in one line. */
  readonly onNote: (note: string) => void;
}

export interface ArchiveProgress {
  /** Of the bytes that were not scored before, 0 to 1. */
  readonly share: number;
  readonly done: number;
  readonly all: number;
  /** Recordings that workers have in hand. */
  readonly underWay: number;
}

/** How a recording of an archive ended: its scores, or why there are none. */
export type ArchiveResult =
  | { readonly video: string; readonly scores: string }
  | { readonly video: string; readonly reason: string };

/** A recording that is asked for. */
interface Wanted {
  readonly id: string;
  readonly job: ScoringJob;
  readonly scores: string;
  state: 'waiting' | 'done' | { readonly reason: string };
  /** Of its frames that a worker has scored, 0 to 1. */
  share: number;
  /** When its job was first seen to be completed while its file was not. */
  missingSince?: number;
}

/**
 * Has an archive scored by the workers of a store. What was scored before with the same model stays;
 * what failed before is tried again. Once this has begun, the workers go on without it.
 * @returns a result for each video, in the order that they were given
 * @throws UserError where a video is not there, or the store or the folder cannot be used; the reason of
 *   the signal
 */
export async function scoreArchive(options: ArchiveOptions): Promise<ArchiveResult[]> {
  const { address, videos, onNote } = options;
  const wanted = await wantedOf(options);
  const unique = [...new Map(wanted.map((one) => [one.id, one])).values()];
  const waiting = unique.filter(({ state }) => state === 'waiting');
  if (waiting.length > 0) {
    let said = '';
    // One line for each fault, not for each look.
    const onError = ({ message }: Error) => {
      if (message !== said) onNote(`the queue cannot be asked (${message}); it is tried again`);
      said = message;
    };
    const queue = await openScoringQueue(address, onError);
    try {
      await new Archive(queue, unique, waiting, options, onError).settle();
    } finally {
      await queue.stop({ graceful: false });
    }
  }
  const byId = new Map(unique.map((one) => [one.id, one]));
  return wanted.map(({ id, scores }, i) => {
    const { state } = byId.get(id)!;
    const video = videos[i]!;
    return typeof state === 'object' ? { video, ...state } : { video, scores };
  });
}

async function wantedOf(options: ArchiveOptions): Promise<Wanted[]> {
  const { files, videos, fps, regions } = options;
  const paths = new StoredPaths(files);
  const model = await shareModel(options.model, files);
  const wanted: Wanted[] = [];
  for (const path of videos) {
    options.signal.throwIfAborted();
    const job: ScoringJob = {
      model,
      video: paths.stored(resolve(path)),
      ...(await recordingState(path)),
      ...(fps !== undefined && { fps }),
      ...(regions !== undefined && { regions: regions as ScoringJob['regions'] }),
      version,
    };
    const key = jobKey(job);
    const scores = scoresPath(files, key);
    const state = (await hasScores(scores)) ? 'done' : 'waiting';
    wanted.push({ id: jobId(key), job, scores, state, share: 0 });
  }
  return wanted;
}

/** The recordings of an archive that are not scored yet, and their jobs. */
class Archive {
  readonly #queue: PgBoss;
  readonly #all: readonly Wanted[];
  readonly #waiting: readonly Wanted[];
  readonly #options: ArchiveOptions;
  readonly #onError: (error: Error) => void;
  #activeAt = performance.now();
  #idleSaid = false;

  constructor(
    queue: PgBoss,
    all: readonly Wanted[],
    waiting: readonly Wanted[],
    options: ArchiveOptions,
    onError: (error: Error) => void,
  ) {
    this.#queue = queue;
    this.#all = all;
    this.#waiting = waiting;
    this.#options = options;
    this.#onError = onError;
  }

  /** Gives the jobs, and waits until each is done or has failed for good. */
  async settle(): Promise<void> {
    const { signal } = this.#options;
    await this.#give(this.#left());
    this.#report(0);
    while (this.#left().length > 0) {
      await setTimeout(LOOK, undefined, { signal }).catch(() => signal.throwIfAborted());
      try {
        await this.#look();
      } catch (error) {
        // The workers go on when the database is back, and so does this.
        if (error instanceof UserError) throw error;
        this.#onError(error as Error);
      }
    }
  }

  #left(): Wanted[] {
    return this.#waiting.filter(({ state }) => state === 'waiting');
  }

  /** Jobs that ended before, with what is wanted no more or again, are begun again. */
  async #give(wanted: readonly Wanted[]): Promise<void> {
    for (const some of batches(wanted)) {
      const there = await queuedJobs(
        this.#queue,
        some.map(({ id }) => id),
      );
      const ended = there.filter(({ state }) => /^(completed|cancelled|failed)$/.test(state));
      if (ended.length > 0)
        await this.#queue.deleteJob(
          SCORING,
          ended.map(({ id }) => id),
        );
      // Those that are there stay as they are.
      await this.#queue.insert(
        SCORING,
        some.map(({ id, job }) => ({ id, data: job })),
      );
    }
  }

  async #look(): Promise<void> {
    let underWay = 0;
    const again: Wanted[] = [];
    for (const some of batches(this.#left())) {
      const jobs = await queuedJobs(
        this.#queue,
        some.map(({ id }) => id),
      );
      const byId = new Map(jobs.map((job) => [job.id, job]));
      for (const one of some) {
        const job = byId.get(one.id);
        if (job?.state === 'active') underWay += 1;
        one.share = job?.share ?? 0;
        if (await this.#settleOne(one, job)) again.push(one);
      }
    }
    if (again.length > 0) await this.#give(again);
    this.#report(underWay);
  }

  /** @returns whether its job has to be given again */
  async #settleOne(one: Wanted, job: QueuedJob | undefined): Promise<boolean> {
    const state = job?.state ?? 'missing';
    switch (state) {
      case 'created':
      case 'retry':
      case 'active':
        return false;
      case 'failed':
        one.state = { reason: job?.reason ?? 'for a reason that is not known' };
        return false;
      case 'completed':
        if (await hasScores(one.scores)) one.state = 'done';
        else {
          one.missingSince ??= performance.now();
          if (performance.now() - one.missingSince > FILE_PATIENCE)
            throw new UserError(
              `${one.scores}: is missing though a worker wrote it; --files must name the folder that the workers have as theirs`,
            );
        }
        return false;
      case 'cancelled':
      case 'missing':
        return true;
      default:
        throw new UnknownCase(state satisfies never);
    }
  }

  #report(underWay: number): void {
    const { onProgress, onNote } = this.#options;
    const now = performance.now();
    if (underWay > 0) this.#activeAt = now;
    if (!this.#idleSaid && now - this.#activeAt > IDLE) {
      this.#idleSaid = true;
      onNote('no worker has taken a recording yet: is one running on this store?');
    }
    const left = this.#left();
    // A recording of no bytes counts, too.
    const all = this.#waiting.reduce((sum, { job }) => sum + job.size + 1, 0);
    const still = left.reduce((sum, { job, share }) => sum + (job.size + 1) * (1 - share), 0);
    onProgress({
      share: 1 - still / all,
      done: this.#all.length - left.length,
      all: this.#all.length,
      underWay,
    });
  }
}

function* batches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < all.length; i += BATCH) yield all.slice(i, i + BATCH);
}
