import type { AnomalyEvent } from '../contract/event.ts';
import { ifRoom } from '../disk/if-room.ts';
import { CannotStore, type EventMoment, type NewEvent, type Store } from '../parts.ts';

/** Events that are kept at most while the disk is full. */
const ROOM = 1000;

export type EventChange = Parameters<Store['updateEvent']>[1];
type Messages = Parameters<Store['addEvent']>[1];

export interface EventLogListener {
  cameraName(camera: string): string;
  /** What goes out of an event by the outbox. */
  messages(event: AnomalyEvent, moment: EventMoment): Messages;
  /** It is on the disk, or what changed of it. */
  onStored(event: AnomalyEvent, added: boolean): void;
}

interface Waiting {
  event: NewEvent | undefined;
  change: EventChange;
}

/**
 * The way of events into the store. They are announced when they are on the disk, and never before;
 * while that is full they wait here in order, and those that find no room are lost and counted.
 */
export class EventLog {
  readonly #store: Pick<Store, 'addEvent' | 'updateEvent' | 'event'>;
  readonly #listener: EventLogListener;
  readonly #waiting = new Map<string, Waiting>();
  #lost = 0;

  constructor(
    store: Pick<Store, 'addEvent' | 'updateEvent' | 'event'>,
    listener: EventLogListener,
  ) {
    this.#store = store;
    this.#listener = listener;
  }

  /** Events that wait for room on the disk. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Events that found no room here either. */
  get lost(): number {
    return this.#lost;
  }

  /** What a person should know, one line each. @param cause why events cannot be stored */
  notices(cause: string): readonly string[] {
    const lines = [];
    const { size } = this.#waiting;
    if (size > 0) lines.push(`${cause}: ${size} events wait in memory until they can be stored`);
    if (this.#lost > 0)
      lines.push(`${this.#lost} events were lost, since they could not be stored`);
    return lines;
  }

  /** Whether an event is stored, or will be; also where a damaged database does not say. */
  has(id: string): boolean {
    if (this.#waiting.get(id)?.event !== undefined) return true;
    let stored = true;
    ifRoom(() => {
      stored = this.#store.event(id) !== undefined;
    });
    return stored;
  }

  /** Nothing more is to be stored of a camera. */
  forget(camera: string): void {
    for (const [id, { event }] of this.#waiting)
      if (event?.camera === camera) this.#waiting.delete(id);
  }

  add(event: NewEvent): void {
    this.#put(event.id, { event, change: {} });
  }

  update(id: string, change: EventChange): void {
    this.#put(id, { event: undefined, change });
  }

  /** Tries again what waits. @returns whether all of it is stored */
  retry(): boolean {
    for (const [id, waiting] of this.#waiting) {
      if (!this.#write(id, waiting)) return false;
      this.#waiting.delete(id);
    }
    return true;
  }

  #put(id: string, entry: Waiting): void {
    const waiting = this.#waiting.get(id);
    if (waiting) Object.assign(waiting.change, entry.change);
    else if (this.#waiting.size === 0 && this.#write(id, entry)) return;
    else if (this.#waiting.size < ROOM) this.#waiting.set(id, entry);
    else if (entry.event) this.#lost += 1;
    if (this.#waiting.size > 0) this.retry();
  }

  #write(id: string, waiting: Waiting): boolean {
    try {
      const { event, change } = waiting;
      if (event) {
        this.#store.addEvent(event, this.#listener.messages(this.#whole(event), 'start'));
        waiting.event = undefined;
        this.#announce(id, true);
      }
      if (Object.keys(change).length === 0) return true;
      const before = this.#store.event(id);
      if (!before) return true;
      const { signatures: _, ...shown } = change;
      const ends = before.end === null && change.end != null;
      const retracts = before.retracted === null && change.retracted != null;
      const filmed = !before.clip && change.clip === true;
      const after = { ...before, ...shown };
      const messages = [
        ...(ends || retracts ? this.#listener.messages(after, 'end') : []),
        ...(filmed ? this.#listener.messages(after, 'clip') : []),
      ];
      this.#store.updateEvent(id, change, messages);
      this.#announce(id, false);
      return true;
    } catch (error) {
      if (error instanceof CannotStore) return false;
      throw error;
    }
  }

  #announce(id: string, added: boolean): void {
    const event = this.#store.event(id);
    if (event) this.#listener.onStored(event, added);
  }

  #whole({ signatures: _, ...event }: NewEvent): AnomalyEvent {
    return {
      ...event,
      cameraName: this.#listener.cameraName(event.camera),
      verdict: 'open',
      kept: false,
      note: null,
      thumbnail: false,
      clip: false,
      clipMissing: null,
      effect: null,
      retracted: null,
    };
  }
}
