import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { Job, PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import { Backoff } from '../../backoff.ts';
import { UserError } from '../../errors.ts';
import { StoredPaths } from '../store/stored-paths.ts';
import type { ToScorer } from './messages.ts';
import { recordingState } from './recording.ts';
import { hasScores } from './scores-file.ts';
import { jobKey, jobModel, scoresPath, scoringJob } from './scoring-job.ts';
import { type ProcessOptions, ScoringProcess } from './scoring-process.ts';
import { noteShare, openScoringQueue, SCORING } from './scoring-queue.ts';

/** Milliseconds between two tries to reach the database, at first and at most. */
const [FIRST_WAIT, LONGEST_WAIT] = [1000, 60_000];

/** Seconds between two looks for a job. */
const LOOK = 2;

/** Milliseconds after the last recording in which its process stays, with its model. */
const STAY = 30_000;

export interface ScoringJobsOptions {
  /** Of the PostgreSQL that has the queue. */
  readonly address: string;
  /** The folder that all machines share. */
  readonly files: string;
  readonly logger: Logger;
  /** Recordings that are scored side by side; default 1. */
  readonly atOnce?: number;
  /** What of the supervision of their processes is not as usual. */
  readonly process?: ProcessOptions;
}

/** Takes recordings from the queue and scores them, each in a process that gives way to live cameras. */
export class ScoringJobs {
  readonly #options: ScoringJobsOptions;
  readonly #paths: StoredPaths;
  /** No more jobs are taken. */
  readonly #stopping = new AbortController();
  /** Those under way are handed back. */
  readonly #handingBack = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  /** Processes that have nothing to do. */
  readonly #idle: ScoringProcess[] = [];
  #leaving: NodeJS.Timeout | undefined;
  #opened: Promise<PgBoss | undefined> = Promise.resolve(undefined);

  constructor(options: ScoringJobsOptions) {
    this.#options = options;
    this.#paths = new StoredPaths(options.files);
  }

  /** Recordings that are being scored. */
  get running(): number {
    return this.#underWay.size;
  }

  /** Returns at once; a database that cannot be reached is tried again indefinitely. */
  start(): void {
    this.#opened = this.#open();
  }

  /**
   * Takes no more jobs, and hands back those that are not done in time: another worker begins them again.
   * @param drain milliseconds that those under way may take; default 0
   */
  async stop(drain = 0): Promise<void> {
    this.#stopping.abort();
    const queue = await this.#opened;
    if (!queue) return;
    await queue.offWork(SCORING, { wait: false });
    const done = Promise.allSettled(this.#underWay);
    if (drain > 0) await Promise.race([done, setTimeout(drain, undefined, { ref: false })]);
    this.#handingBack.abort();
    await Promise.allSettled(this.#underWay);
    await this.#endIdle();
    await queue.stop();
  }

  async #open(): Promise<PgBoss | undefined> {
    const { address, atOnce = 1, logger } = this.#options;
    const waits = new Backoff(FIRST_WAIT, LONGEST_WAIT);
    const onError = ({ message }: Error) => logger.warn({ reason: message }, 'queue of recordings');
    while (!this.#stopping.signal.aborted)
      try {
        const queue = await openScoringQueue(address, onError);
        await queue.work<object>(
          SCORING,
          { localConcurrency: atOnce, pollingIntervalSeconds: LOOK, burstWhenBatchFull: true },
          ([job]) => this.#take(queue, job!),
        );
        return queue;
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        onError(error);
        await setTimeout(waits.next(), undefined, { signal: this.#stopping.signal }).catch(
          () => undefined,
        );
      }
    return undefined;
  }

  async #take(queue: PgBoss, job: Job): Promise<void> {
    const done = this.#do(queue, job);
    this.#underWay.add(done);
    await done.finally(() => this.#underWay.delete(done));
  }

  async #do(queue: PgBoss, job: Job): Promise<void> {
    const { logger } = this.#options;
    const about = { job: job.id, attempt: job.retryCount + 1 };
    try {
      await this.#score(queue, job);
      logger.info(about, 'recording scored');
    } catch (error) {
      if (this.#handingBack.signal.aborted) {
        await handBack(queue, job);
        logger.info(about, 'recording handed back');
        return;
      }
      // Another worker has the job by now.
      if (job.signal.aborted) return;
      logger.warn({ ...about, reason: (error as Error).message }, 'recording not scored');
      throw error;
    }
  }

  async #score(queue: PgBoss, claimed: Job): Promise<void> {
    const job = scoringJob.parse(claimed.data);
    const out = scoresPath(this.#options.files, jobKey(job));
    // A worker that was killed between its file and its row has done it.
    if (await hasScores(out)) return;
    const video = this.#paths.real(job.video);
    const { size, modified } = await recordingState(video).catch((error: Error) => {
      throw new UserError(
        `${error.message} on ${hostname()}; put it where every worker has it, best into the folder of the files`,
      );
    });
    if (size !== job.size || modified !== job.modified)
      throw new UserError(`${video}: has changed since it was given; give it again`);
    const order = { job, model: jobModel(this.#options.files, job.model), video, out };
    const signal = AbortSignal.any([claimed.signal, this.#handingBack.signal]);
    await this.#inProcess(order, signal, (share) => {
      // Lost while the database is away: the next one says more.
      void noteShare(queue, claimed, share).catch(() => undefined);
    });
  }

  async #inProcess(
    order: ToScorer,
    signal: AbortSignal,
    onProgress: (share: number) => void,
  ): Promise<void> {
    clearTimeout(this.#leaving);
    const scorer = this.#idle.pop() ?? new ScoringProcess(this.#options.process);
    try {
      await scorer.score(order, signal, onProgress);
    } finally {
      this.#idle.push(scorer);
      this.#leaving = globalThis.setTimeout(() => void this.#endIdle(), STAY).unref();
    }
  }

  async #endIdle(): Promise<void> {
    clearTimeout(this.#leaving);
    await Promise.all(this.#idle.splice(0).map((scorer) => scorer.stop()));
  }
}

/** Puts a job back as if nobody had taken it, unless it is another's by now. */
async function handBack(queue: PgBoss, job: Job): Promise<void> {
  await queue.cancel(SCORING, { id: job.id, retryCount: job.retryCount });
  await queue.resume(SCORING, job.id);
}
