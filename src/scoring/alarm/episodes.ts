/** Milliseconds without a score above the threshold after which an alarm no longer sounds. */
export const holdMilliseconds = 2000;

/** Milliseconds between two alarms below which they are one. */
export const defaultGrouping = 60_000;

/** Milliseconds after which an episode ends, whatever the scores are. */
const longest = 300_000;

/** Frame times are quotients, which may miss a whole number of milliseconds by a rounding error. */
const rounding = 1e-6;

/**
 * The one rule for what counts as an alarm, in files, evaluation and the service: an episode starts
 * with a score above the threshold, and everything above it within the grouping time belongs to the
 * same episode. An episode that does not end is ended after five minutes, and it has to be quiet for
 * the grouping time before another starts. It has no clock; times come with the scores, in
 * milliseconds.
 */
export class Episodes {
  readonly #grouping: number;
  #state: 'quiet' | 'on' | 'exhausted' = 'quiet';
  #start = 0;
  #lastAbove = Number.NEGATIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  /**
   * @param grouping milliseconds, at least {@link holdMilliseconds}
   * @throws RangeError where the grouping is shorter than the hold.
   */
  constructor(grouping = defaultGrouping) {
    if (!(grouping >= holdMilliseconds))
      throw new RangeError(
        `alarms grouped within ${grouping} ms; use at least ${holdMilliseconds}`,
      );
    this.#grouping = grouping;
  }

  get state(): 'quiet' | 'on' | 'exhausted' {
    return this.#state;
  }

  /** When the alarm that sounded last was silent again, or will be if nothing follows. */
  get soundsUntil(): number {
    return this.#lastAbove + holdMilliseconds;
  }

  /** Whether the alarm sounds at the latest score: above the threshold, or within the hold of it. */
  get sounding(): boolean {
    return this.#last - this.#lastAbove < holdMilliseconds - rounding;
  }

  /**
   * Goes on to the time of the next score, before it is pushed.
   * @returns when the episode under way was over, where it is by now
   */
  advance(time: number): number | undefined {
    // A clock that was set back says nothing about how long it was quiet.
    if (this.#last - time >= this.#grouping) return this.interrupt(this.#last);
    this.#last = time;
    if (this.#state === 'quiet') return undefined;
    if (time - this.#lastAbove >= this.#grouping - rounding)
      return this.#end('quiet', this.#lastAbove + holdMilliseconds);
    if (time - this.#start >= longest) return this.#end('exhausted', time);
    return undefined;
  }

  /** @returns whether an episode starts with this score */
  push(time: number, above: boolean): boolean {
    this.#last = time;
    if (!above) return false;
    this.#lastAbove = time;
    if (this.#state !== 'quiet') return false;
    this.#state = 'on';
    this.#start = time;
    return true;
  }

  /**
   * Ends what is under way, since no scores follow.
   * @returns when it was over
   */
  interrupt(time: number): number | undefined {
    const end = this.#end('quiet', Math.min(time, this.#lastAbove + holdMilliseconds));
    this.#last = Number.NEGATIVE_INFINITY;
    this.#lastAbove = Number.NEGATIVE_INFINITY;
    return end;
  }

  #end(state: 'quiet' | 'exhausted', end: number): number | undefined {
    const wasOn = this.#state === 'on';
    this.#state = state;
    return wasOn ? end : undefined;
  }
}
