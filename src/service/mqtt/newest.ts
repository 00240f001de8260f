export interface Publication {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly retain: boolean;
}

/**
 * What waits to be written to a broker, bounded: of each topic only the newest, but for events, of which
 * a bounded number wait, and the oldest are dropped and counted.
 */
export class NewestOfEach {
  readonly #states = new Map<string, Publication>();
  readonly #events: Publication[] = [];
  readonly #mostEvents: number;
  #dropped = 0;

  constructor(mostEvents: number) {
    this.#mostEvents = mostEvents;
  }

  get length(): number {
    return this.#states.size + this.#events.length;
  }

  /** Events that were dropped. */
  get dropped(): number {
    return this.#dropped;
  }

  put(publication: Publication): void {
    this.#states.set(publication.topic, publication);
  }

  putEvent(publication: Publication): void {
    this.#events.push(publication);
    if (this.#events.length <= this.#mostEvents) return;
    this.#events.shift();
    this.#dropped++;
  }

  dropEvent(): void {
    this.#dropped++;
  }

  /** What was put first of the states, then the events. */
  take(): Publication | undefined {
    const [state] = this.#states.values();
    if (state === undefined) return this.#events.shift();
    this.#states.delete(state.topic);
    return state;
  }

  /** Drops all; the events are counted. */
  clear(): void {
    this.#states.clear();
    this.#dropped += this.#events.splice(0).length;
  }
}
