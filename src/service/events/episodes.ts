import { holdMilliseconds } from '../../scoring/alarm/episodes.ts';

/** Milliseconds under the level after which an episode is over. */
const hold = holdMilliseconds;

/** Milliseconds: two episodes with less between them are one. */
const apart = 5000;

/** Milliseconds after which an episode ends, whatever the scores are. */
const longest = 300_000;

/**
 * Episodes of scores above a level, by their times: as `Alarm` has them frame by frame, but two that
 * are close are one, and one that does not end is ended, after which it has to be quiet before another
 * starts. Times in milliseconds.
 */
export class Episodes {
  #state: 'quiet' | 'on' | 'exhausted' = 'quiet';
  #start = 0;
  #lastAbove = Number.NEGATIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  get state(): 'quiet' | 'on' | 'exhausted' {
    return this.#state;
  }

  /**
   * Goes on to the time of the next score, before it is pushed.
   * @returns when the episode under way was over, where it is by now
   */
  advance(time: number): number | undefined {
    // A clock that was set back says nothing of how long it was quiet.
    if (this.#last - time >= apart) return this.interrupt(this.#last);
    this.#last = time;
    if (this.#state === 'quiet') return undefined;
    if (time - this.#lastAbove >= apart) return this.#end('quiet', this.#lastAbove + hold);
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
    const end = this.#end('quiet', Math.min(time, this.#lastAbove + hold));
    this.#last = Number.NEGATIVE_INFINITY;
    return end;
  }

  #end(state: 'quiet' | 'exhausted', end: number): number | undefined {
    const wasOn = this.#state === 'on';
    this.#state = state;
    return wasOn ? end : undefined;
  }
}
