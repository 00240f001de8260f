/**
 * Runs a task when it is asked for, never twice at once and never more often than every `gap` ms. What
 * is asked for meanwhile becomes one more run.
 */
export class Pace {
  readonly #task: () => Promise<void>;
  readonly #gap: number;
  #last = Number.NEGATIVE_INFINITY;
  #running = false;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(gap: number, task: () => Promise<void>) {
    this.#gap = gap;
    this.#task = task;
  }

  ask(): void {
    if (this.#running) this.#again = true;
    else if (this.#timer === undefined) {
      const wait = Math.max(0, this.#last + this.#gap - performance.now());
      this.#timer = setTimeout(() => this.#run(), wait);
    }
  }

  async #run(): Promise<void> {
    this.#timer = undefined;
    this.#last = performance.now();
    this.#running = true;
    this.#again = false;
    await this.#task();
    this.#running = false;
    if (this.#again) this.ask();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#again = false;
  }
}
