/**
 * What waits for someone slower. It never makes the one who pushes wait: when there is no room, the
 * oldest leaves and is counted. Under a steady overload those that are left are evenly apart.
 */
export class FrameQueue<T> {
  readonly #room: number;
  readonly #waiting: T[] = [];
  #dropped = 0;
  #freed: PromiseWithResolvers<void> | undefined;

  /** @throws RangeError where there is room for none. */
  constructor(room: number) {
    if (!Number.isInteger(room) || room < 1) throw new RangeError(`a queue with room for ${room}`);
    this.#room = room;
  }

  push(item: T): void {
    if (this.#waiting.length === this.#room) {
      this.#waiting.shift();
      this.#dropped += 1;
    }
    this.#waiting.push(item);
  }

  /** The oldest that waits. */
  shift(): T | undefined {
    const item = this.#waiting.shift();
    this.#signalRoom();
    return item;
  }

  /** Drops all that waits, without counting it. */
  clear(): void {
    this.#waiting.length = 0;
    this.#signalRoom();
  }

  /** Settles when there is room for one more, so that it pushes none out. */
  async room(): Promise<void> {
    while (this.#waiting.length >= this.#room) {
      this.#freed ??= Promise.withResolvers<void>();
      await this.#freed.promise;
    }
  }

  #signalRoom(): void {
    this.#freed?.resolve();
    this.#freed = undefined;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** How many left because there was no room. */
  get dropped(): number {
    return this.#dropped;
  }
}
