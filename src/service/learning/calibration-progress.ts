import type { LearningProgress } from './messages.ts';

/** Tells how far the calibration is, and how long it may still take. */
export class CalibrationProgress {
  readonly #total: number;
  readonly #report: (progress: LearningProgress) => void;
  #begun: { readonly done: number; readonly at: number } | undefined;

  constructor(total: number, report: (progress: LearningProgress) => void) {
    this.#total = total;
    this.#report = report;
  }

  /** @param done frames of all that are to be scored */
  at(done: number): void {
    const now = performance.now();
    this.#begun ??= { done, at: now };
    const left = Math.max(0, this.#total - done);
    const passed = (now - this.#begun.at) / 1000;
    this.#report({
      phase: 'calibrating',
      share: 1 - left / this.#total,
      secondsLeft: passed > 1 ? (left * passed) / (done - this.#begun.done) : null,
    });
  }
}
