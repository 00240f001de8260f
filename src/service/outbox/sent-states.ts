import type { CameraStatus } from '../contract/camera.ts';
import { ifRoom } from '../disk/if-room.ts';

interface StateStore {
  /** The state of each camera that was sent last. */
  sentStates(): ReadonlyMap<string, string>;
  /** Stores a state with its messages, in one transaction. */
  saveSentState(
    camera: string,
    state: string,
    messages: readonly { readonly url: string; readonly body: string }[],
  ): void;
}

/** The camera states last sent to webhooks, kept across restarts: a return is then sent as one. */
export class SentStates {
  readonly #store: StateStore;
  readonly #sent: Map<string, string>;

  constructor(store: StateStore) {
    this.#store = store;
    this.#sent = new Map(store.sentStates());
  }

  /**
   * Stores the messages of a camera's state if it differs from the one sent last.
   * @returns whether there is something to send
   */
  send(
    { id, state, counts }: Pick<CameraStatus, 'id' | 'state' | 'counts'>,
    messages: () => readonly { readonly url: string; readonly body: string }[],
  ): boolean {
    const before = this.#sent.get(id);
    if (before === state) return false;
    // After a start it is not back before its first picture.
    if (before === 'offline' && state !== 'stopped' && counts.frames === 0) return false;
    // A new camera has not changed.
    const all = before === undefined ? [] : messages();
    // While the disk is full it is not stored: the state may then be sent twice.
    ifRoom(() => this.#store.saveSentState(id, state, all));
    this.#sent.set(id, state);
    return all.length > 0;
  }

  forget(id: string): void {
    this.#sent.delete(id);
  }
}
