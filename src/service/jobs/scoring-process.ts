import { extname } from 'node:path';
import { UserError } from '../../errors.ts';
import { type SupervisedOptions, SupervisedProcess } from '../process/supervised.ts';
import { unlessAborted } from '../process/unless-aborted.ts';
import type { FromScorer, ToScorer } from './messages.ts';

/** Milliseconds without a sign of life after which it is ended: a step of the largest preset takes seconds. */
const PATIENCE = 60_000;

const MEMORY_LIMIT = 6e9;

/** Recordings wait: live cameras go first, and so does learning, which has 10. */
const NICE = 15;

export type ProcessOptions = Partial<Omit<SupervisedOptions, 'name' | 'module' | 'args'>>;

/** A recording in work. */
interface Work {
  readonly order: ToScorer;
  onProgress(share: number): void;
  resolve(): void;
  reject(error: Error): void;
}

/**
 * A process that scores recordings into files, one after another, and keeps the model of the last. One that
 * crashes is not started again by itself: the queue gives its job to another.
 */
export class ScoringProcess {
  readonly #options: ProcessOptions;
  #child: SupervisedProcess<ToScorer, FromScorer> | undefined;
  #work: Work | undefined;

  /** @param options what of the supervision is not as usual */
  constructor(options: ProcessOptions = {}) {
    this.#options = options;
  }

  /**
   * @param onProgress the share of its frames, 0 to 1, every few seconds
   * @throws UserError why it cannot be scored; the reason of the signal, with which the process ends
   */
  async score(
    order: ToScorer,
    signal: AbortSignal,
    onProgress: (share: number) => void,
  ): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#work = { order, onProgress, resolve, reject };
    this.#child ??= this.#started();
    this.#child.send(order);
    try {
      await unlessAborted(promise, signal);
    } catch (error) {
      if (signal.aborted) await this.stop();
      throw error;
    } finally {
      this.#work = undefined;
    }
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    await child?.stop();
  }

  #started(): SupervisedProcess<ToScorer, FromScorer> {
    const child = new SupervisedProcess<ToScorer, FromScorer>(
      {
        name: 'the scoring',
        module: new URL(`./program${extname(import.meta.url)}`, import.meta.url),
        memoryLimit: MEMORY_LIMIT,
        patience: PATIENCE,
        nice: NICE,
        ...this.#options,
      },
      {
        onReady: () => this.#work && child.send(this.#work.order),
        onMessage: (message) => {
          if (message.kind === 'progress') this.#work?.onProgress(message.share);
          else if (message.kind === 'scored') this.#work?.resolve();
          else this.#work?.reject(new UserError(message.reason));
        },
        onLost: (reason) => {
          void this.stop();
          this.#work?.reject(new UserError(reason));
        },
      },
    );
    child.start();
    return child;
  }
}
