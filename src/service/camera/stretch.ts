/**
 * Numbers the stretches of a camera's frames, over all its decoders: frames of one number follow
 * each other without a break.
 */
export class Stretch {
  #number = 0;
  #stamp: number | undefined;

  /** Frames to come do not follow those before, whatever their decoder says. */
  end(): void {
    this.#stamp = undefined;
  }

  /** @param stamp the decoder's own number */
  of(stamp: number): number {
    if (stamp !== this.#stamp) {
      this.#stamp = stamp;
      this.#number += 1;
    }
    return this.#number;
  }
}
