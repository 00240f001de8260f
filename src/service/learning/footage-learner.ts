import { extname } from 'node:path';
import { UserError } from '../../errors.ts';
import type { CheckedModel, Learned, Learner, LearningJob } from '../parts.ts';
import { type SupervisedOptions, SupervisedProcess } from '../process/supervised.ts';
import { unlessAborted } from '../process/unless-aborted.ts';
import { type CheckLimits, checkModel } from './check-model.ts';
import type { FromLearner, LearningOptions, LearningProgress, ToLearner } from './messages.ts';

/** One step of the largest preset takes some seconds on busy cores, in which nothing is answered. */
const PATIENCE = 120_000;

/** Seconds of footage that a light must have for a model of its own. */
const LIGHT_SECONDS = 1800;

const MEMORY_LIMIT = 8e9;

const NICE = 10;

/** Losses of its process after which a job is given up: each may come minutes after the one before. */
const MOST_LOSSES = 6;

export interface FootageLearnerOptions extends Partial<LearningOptions> {
  /** What of the supervision is not as usual. */
  readonly process?: Partial<Omit<SupervisedOptions, 'name' | 'module' | 'args'>>;
  readonly check?: CheckLimits;
}

/** Learns cameras from their footage, one after another, each in a process of its own that ends with the job. */
export class FootageLearner implements Learner {
  readonly #options: FootageLearnerOptions;
  readonly #stopped = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();
  /** Settles when the jobs so far are over. */
  #turn: Promise<unknown> = Promise.resolve();
  #child: SupervisedProcess<ToLearner, FromLearner> | undefined;

  constructor(options: FootageLearnerOptions = {}) {
    this.#options = options;
  }

  /** Of the process of the job under way. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get residentBytes(): number {
    return this.#child?.residentBytes ?? 0;
  }

  learn(
    job: LearningJob,
    onProgress: (progress: LearningProgress) => void,
    signal: AbortSignal,
  ): Promise<Learned> {
    const ended = AbortSignal.any([signal, this.#stopped.signal]);
    const before = this.#turn;
    const learned = unlessAborted(before, ended).then(() => this.#learn(job, onProgress, ended));
    this.#turn = Promise.allSettled([before, learned]);
    return this.#track(learned);
  }

  check(folder: string): Promise<CheckedModel> {
    return this.#track(checkModel(folder, this.#stopped.signal, this.#options.check));
  }

  /** What is under way, or waits, is rejected with an `AbortError`; checkpoints stay. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.allSettled(this.#underWay);
  }

  async #learn(
    job: LearningJob,
    onProgress: (progress: LearningProgress) => void,
    ended: AbortSignal,
  ): Promise<Learned> {
    ended.throwIfAborted();
    const { input, oddSpanSeconds = 60, lightSeconds = LIGHT_SECONDS } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<Learned>();
    let losses = 0;
    const child = new SupervisedProcess<ToLearner, FromLearner>(
      {
        name: 'the learner',
        module: new URL(`./program${extname(import.meta.url)}`, import.meta.url),
        memoryLimit: MEMORY_LIMIT,
        patience: PATIENCE,
        nice: NICE,
        ...this.#options.process,
      },
      {
        onReady: () => child.send({ job, options: { input, oddSpanSeconds, lightSeconds } }),
        onMessage(message) {
          if (message.kind === 'progress') onProgress(message.progress);
          else if (message.kind === 'learned') resolve(message.learned);
          else reject(new UserError(message.reason));
        },
        onLost(reason, givenUp) {
          losses += 1;
          if (givenUp || losses === MOST_LOSSES)
            reject(new UserError(`${reason}; after ${losses} times it was given up`));
        },
      },
    );
    this.#child = child;
    child.start();
    try {
      return await unlessAborted(promise, ended);
    } finally {
      await child.stop();
      this.#child = undefined;
    }
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    const over = () => this.#underWay.delete(work);
    work.then(over, over);
    return work;
  }
}
