/** Listeners by topic; what is told reaches those of its topic only. */
export class Topics<T> {
  readonly #listeners = new Map<string, Set<(value: T) => void>>();

  /** @returns stops the listening */
  listen(topic: string, listener: (value: T) => void): () => void {
    const all = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, all.add(listener));
    return () => {
      all.delete(listener);
      if (!all.size) this.#listeners.delete(topic);
    };
  }

  tell(topic: string, value: T): void {
    for (const listener of this.#listeners.get(topic) ?? []) listener(value);
  }
}
