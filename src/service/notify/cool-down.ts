interface LastNotification {
  readonly event: string;
  readonly time: number;
  /** Alarms since then that sent nothing. */
  held: number;
}

/** After a notification of a camera, its next alarms send none for a while. */
export class CoolDown {
  readonly #last = new Map<string, LastNotification>();

  /**
   * An alarm begins.
   * @param length milliseconds
   * @returns how many sent nothing before it; undefined where it sends nothing either
   */
  begin(camera: string, event: string, now: number, length: number): number | undefined {
    const last = this.#last.get(camera);
    // A clock that was set back must not silence a camera.
    if (last && now >= last.time && now - last.time < length) {
      last.held += 1;
      return undefined;
    }
    this.#last.set(camera, { event, time: now, held: 0 });
    return last?.held ?? 0;
  }

  /** The alarm was withdrawn, so the next one is notified. @returns whether the last notification was of it */
  withdraw(camera: string, event: string): boolean {
    const last = this.#last.get(camera);
    if (last?.event !== event) return false;
    this.#last.set(camera, { event: '', time: Number.NEGATIVE_INFINITY, held: last.held });
    return true;
  }

  /** Whether the last notification of a camera was of this event. */
  wasNotified(camera: string, event: string): boolean {
    return this.#last.get(camera)?.event === event;
  }
}
