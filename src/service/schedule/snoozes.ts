import type { Snooze } from '../contract/profile.ts';
import { ifRoom } from '../disk/if-room.ts';
import type { ScheduleStore } from '../parts.ts';
import { morningAfter } from './clock.ts';

const MINUTE = 60_000;

/** Cameras whose alarms are not sent for a while. */
export class Snoozes {
  readonly #store: Pick<ScheduleStore, 'snoozes' | 'saveSnooze'>;
  readonly #onChange: (camera: string) => void;
  #until = new Map<string, number>();

  /** @param onChange called when one begins, changes or is over */
  constructor(
    store: Pick<ScheduleStore, 'snoozes' | 'saveSnooze'>,
    onChange: (camera: string) => void,
  ) {
    this.#store = store;
    this.#onChange = onChange;
  }

  /** Reads those of before. */
  start(): void {
    this.#until = this.#store.snoozes();
  }

  /** In milliseconds since 1970; null where nothing is snoozed. */
  until(camera: string): number | null {
    const until = this.#until.get(camera);
    return until !== undefined && until > Date.now() ? until : null;
  }

  begin(camera: string, { for: length }: Snooze): void {
    const now = Date.now();
    const until = length === 'morning' ? morningAfter(now) : now + length * MINUTE;
    this.#store.saveSnooze(camera, until);
    this.#until.set(camera, until);
    this.#onChange(camera);
  }

  end(camera: string): void {
    if (!this.#until.has(camera)) return;
    this.forget(camera);
    // A row whose time is over says nothing.
    ifRoom(() => this.#store.saveSnooze(camera, null));
    this.#onChange(camera);
  }

  /** The camera was removed, and its row with it. */
  forget(camera: string): void {
    this.#until.delete(camera);
  }

  /** Called once a second. */
  tick(): void {
    for (const camera of this.#until.keys()) if (this.until(camera) === null) this.end(camera);
  }
}
