import type { LiveMessage } from '../contract/live.ts';

type Listener = (message: LiveMessage) => void;

/** Tells all who listen. A listener that throws is a fault of its own, and hinders no other. */
export class LiveMessages {
  readonly #listeners = new Set<Listener>();
  readonly #onFault: (error: unknown) => void;

  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
  }

  /** @returns stops the listening */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  get listened(): boolean {
    return this.#listeners.size > 0;
  }

  publish(message: LiveMessage): void {
    for (const listener of this.#listeners)
      try {
        listener(message);
      } catch (error) {
        this.#onFault(error);
      }
  }
}
