export type Contact = 'connecting' | 'online' | 'reconnecting' | 'offline';

/** Whether pictures come. A short break is one that is being mended; only a longer one is `offline`. */
export class Presence {
  readonly #grace: number;
  readonly #onChange: () => void;
  #contact: Contact = 'connecting';
  #reason = 'no picture yet';
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param grace milliseconds without pictures after which a camera is offline
   * @param onChange called after each change of contact or reason
   */
  constructor(grace: number, onChange: () => void) {
    this.#grace = grace;
    this.#onChange = onChange;
  }

  get contact(): Contact {
    return this.#contact;
  }

  /** Why there are no pictures, in one line. */
  get reason(): string {
    return this.#reason;
  }

  /** The source is being opened for the first time. */
  start(): void {
    this.stop();
    this.#contact = 'connecting';
    this.#reason = 'no picture yet';
    this.#wait();
  }

  online(): void {
    this.stop();
    this.#contact = 'online';
    this.#onChange();
  }

  lost(reason: string): void {
    this.#reason = reason;
    if (this.#contact === 'online') this.#contact = 'reconnecting';
    if (this.#contact !== 'offline') this.#wait();
    this.#onChange();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#contact = 'offline';
      this.#onChange();
    }, this.#grace);
  }
}
