/** Work that nothing waits for but the end of its owner. */
export class UnderWay {
  readonly #work = new Set<Promise<void>>();
  readonly #onFault: (error: unknown) => void;

  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
  }

  add(work: Promise<void>): void {
    const done = work.catch(this.#onFault).finally(() => this.#work.delete(done));
    this.#work.add(done);
  }

  /** Settles when what is under way now is done. */
  async settled(): Promise<void> {
    await Promise.all(this.#work);
  }
}
