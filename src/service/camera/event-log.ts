import type { AnomalyEvent } from '../contract/event.ts';
import { ifRoom } from '../disk/if-room.ts';
import { CannotStore, type EventMoment, LeaseLost, type NewEvent, type Store } from '../parts.ts';

/** Events that are kept at most while the disk is full. */
const ROOM = 1000;

/** Milliseconds that an event waits for the lease of its camera to come back to this worker. */
const LEASE_WAITS = 60_000;

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
  /** By a clock that is never set. */
  readonly since: number;
}

/**
 * The way of events into the store. They are announced when they are on the disk, and never before;
 * while that is full they wait here in order, and those that find no room are lost and counted. So are those
 * of a camera that another worker has.
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
    this.#put(event.id, { event, change: {}, since: performance.now() });
  }

  update(id: string, change: EventChange): void {
    this.#put(id, { event: undefined, change, since: performance.now() });
  }

  /** Tries again what waits. @returns whether all of it is stored */
  retry(): boolean {
    for (const [id, waiting] of this.#waiting) {
      const written = this.#write(id, waiting);
      if (written === 'no room') return false;
      if (written === 'no lease' && performance.now() - waiting.since < LEASE_WAITS) continue;
      if (written === 'no lease' && waiting.event) this.#lost += 1;
      this.#waiting.delete(id);
    }
    return this.#waiting.size === 0;
  }

  #put(id: string, entry: Waiting): void {
    const waiting = this.#waiting.get(id);
    if (waiting) Object.assign(waiting.change, entry.change);
    else if (this.#waiting.size === 0 && this.#write(id, entry) === 'stored') return;
    else if (this.#waiting.size < ROOM) this.#waiting.set(id, entry);
    else if (entry.event) this.#lost += 1;
    if (this.#waiting.size > 0) this.retry();
  }

  #write(id: string, waiting: Waiting): 'stored' | 'no room' | 'no lease' {
    try {
      const { event, change } = waiting;
      if (event) {
        this.#store.addEvent(event, this.#listener.messages(this.#whole(event), 'start'));
        waiting.event = undefined;
        this.#announce(id, true);
      }
      if (Object.keys(change).length === 0) return 'stored';
      const before = this.#store.event(id);
      if (!before) return 'stored';
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
      return 'stored';
    } catch (error) {
      if (error instanceof LeaseLost) return 'no lease';
      if (error instanceof CannotStore) return 'no room';
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
