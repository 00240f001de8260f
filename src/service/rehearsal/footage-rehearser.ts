import { extname } from 'node:path';
import { UserError } from '../../errors.ts';
import type { RehearsalJob, Rehearsed, Rehearser } from '../parts.ts';
import { type SupervisedOptions, SupervisedProcess } from '../process/supervised.ts';
import { unlessAborted } from '../process/unless-aborted.ts';
import type { FromRehearser, ToRehearser } from './messages.ts';

/** Looking for people in a window of footage takes some seconds on busy cores, in which nothing is answered. */
const PATIENCE = 120_000;

const MEMORY_LIMIT = 6e9;

/** Nothing waits for a rehearsal: scoring goes first, and so does learning, which has 10. */
const NICE = 15;

/** Losses of its process after which a job is given up. */
const MOST_LOSSES = 2;

/** Rehearses on footage of cameras, one job after another, each in a process of its own that ends with it. */
export class FootageRehearser implements Rehearser {
  readonly #process: Partial<Omit<SupervisedOptions, 'name' | 'module' | 'args'>>;
  readonly #stopped = new AbortController();
  /** Settles when the jobs so far are over. */
  #turn: Promise<unknown> = Promise.resolve();
  #child: SupervisedProcess<ToRehearser, FromRehearser> | undefined;

  /** @param process what of the supervision is not as usual */
  constructor(process: Partial<Omit<SupervisedOptions, 'name' | 'module' | 'args'>> = {}) {
    this.#process = process;
  }

  /** Of the process of the job under way. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get residentBytes(): number {
    return this.#child?.residentBytes ?? 0;
  }

  rehearse(
    job: RehearsalJob,
    onProgress: (share: number) => void,
    signal: AbortSignal,
  ): Promise<Rehearsed> {
    const ended = AbortSignal.any([signal, this.#stopped.signal]);
    const before = this.#turn;
    const rehearsed = unlessAborted(before, ended).then(() => this.#run(job, onProgress, ended));
    this.#turn = Promise.allSettled([before, rehearsed]);
    return rehearsed;
  }

  /** What is under way, or waits, is rejected with an `AbortError`. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#turn;
  }

  async #run(
    job: RehearsalJob,
    onProgress: (share: number) => void,
    ended: AbortSignal,
  ): Promise<Rehearsed> {
    ended.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Rehearsed>();
    let losses = 0;
    const child = new SupervisedProcess<ToRehearser, FromRehearser>(
      {
        name: 'the rehearsal',
        module: new URL(`./program${extname(import.meta.url)}`, import.meta.url),
        memoryLimit: MEMORY_LIMIT,
        patience: PATIENCE,
        nice: NICE,
        ...this.#process,
      },
      {
        onReady: () => child.send({ job }),
        onMessage(message) {
          if (message.kind === 'progress') onProgress(message.share);
          else if (message.kind === 'rehearsed') resolve(message.rehearsed);
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
}
