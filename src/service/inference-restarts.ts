import type { Inference, InferenceListener } from './parts.ts';

/** Milliseconds before inference that was given up is started again: the first wait, and the longest. */
const FIRST_WAIT = 30_000;
const LONGEST_WAIT = 600_000;

/** Milliseconds of life after which the waits begin anew. */
const STEADY = 300_000;

/** Starts inference again that was given up, after growing waits, for ever. */
export class InferenceRestarts {
  readonly #inference: () => Pick<Inference, 'start'>;
  #waits = 0;
  #ready: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(inference: () => Pick<Inference, 'start'>) {
    this.#inference = inference;
  }

  /** A listener that does this, too. */
  around(listener: InferenceListener): InferenceListener {
    return {
      onScore: (camera, score) => listener.onScore(camera, score),
      onModelFailed: (camera, reason) => listener.onModelFailed(camera, reason),
      onReady: () => {
        this.#ready = performance.now();
        listener.onReady();
      },
      onLost: (reason, givenUp) => {
        if (this.#ready !== undefined && performance.now() - this.#ready > STEADY) this.#waits = 0;
        this.#ready = undefined;
        if (givenUp && !this.#stopped) this.#startLater();
        listener.onLost(reason, givenUp);
      },
    };
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #startLater(): void {
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#waits);
    this.#waits += 1;
    this.#timer = setTimeout(() => this.#inference().start(), wait);
  }
}
