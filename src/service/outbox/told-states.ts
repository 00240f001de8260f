import type { CameraStatus } from '../contract/camera.ts';
import { ifRoom } from '../disk/if-room.ts';

interface StateStore {
  /** The state of each camera that was told last. */
  toldStates(): ReadonlyMap<string, string>;
  /** Stores a state with the messages that tell it, in one transaction. */
  tellState(
    camera: string,
    state: string,
    messages: readonly { readonly url: string; readonly body: string }[],
  ): void;
}

/** The camera states last sent to webhooks, kept across restarts: a return is then sent as one. */
export class ToldStates {
  readonly #store: StateStore;
  readonly #told: Map<string, string>;

  constructor(store: StateStore) {
    this.#store = store;
    this.#told = new Map(store.toldStates());
  }

  /**
   * Stores what tells a camera's state, where it is another than was told.
   * @returns whether there is something to send
   */
  tell(
    { id, state, counts }: Pick<CameraStatus, 'id' | 'state' | 'counts'>,
    messages: () => readonly { readonly url: string; readonly body: string }[],
  ): boolean {
    const before = this.#told.get(id);
    if (before === state) return false;
    // After a start it is not back before its first picture.
    if (before === 'offline' && state !== 'stopped' && counts.frames === 0) return false;
    // A new camera has not changed.
    const all = before === undefined ? [] : messages();
    // While the disk is full it is not stored: the state may then be sent twice.
    ifRoom(() => this.#store.tellState(id, state, all));
    this.#told.set(id, state);
    return all.length > 0;
  }

  forget(id: string): void {
    this.#told.delete(id);
  }
}
