/** Seconds under the threshold after which an alarm is over. */
export const defaultHoldSeconds = 2;

/** {@link defaultHoldSeconds} in frames. */
export function holdFrames(fps: number): number {
  return Math.max(1, Math.round(defaultHoldSeconds * fps));
}

/**
 * An alarm with hysteresis: it starts with a score above the threshold and is over with the
 * `hold`-th frame in a row that is not.
 */
export class Alarm {
  readonly threshold: number;
  readonly #hold: number;
  #on = false;
  #quiet = 0;

  /** @throws RangeError where the hold is no positive whole number of frames. */
  constructor(threshold: number, hold: number) {
    if (!Number.isInteger(hold) || hold < 1) throw new RangeError(`an alarm held ${hold} frames`);
    this.threshold = threshold;
    this.#hold = hold;
  }

  /** Whether there is an alarm at the next frame. */
  push(score: number): boolean {
    if (score > this.threshold) {
      this.#on = true;
      this.#quiet = 0;
    } else if (this.#on && ++this.#quiet >= this.#hold) this.#on = false;
    return this.#on;
  }
}

/** One alarm, from its first frame to before `end`. */
export interface AlarmEpisode {
  readonly start: number;
  readonly end: number;
  readonly peak: number;
  readonly peakFrame: number;
}

/**
 * The alarms of a whole series, as {@link Alarm} raises them.
 * @param options.hold frames
 */
export function alarmEpisodes(
  scores: ArrayLike<number>,
  threshold: number,
  options: { readonly hold: number },
): AlarmEpisode[] {
  const alarm = new Alarm(threshold, options.hold);
  const episodes: AlarmEpisode[] = [];
  let start = -1;
  let peakFrame = 0;
  const close = (end: number) => {
    if (start >= 0) episodes.push({ start, end, peak: scores[peakFrame]!, peakFrame });
    start = -1;
  };
  for (let i = 0; i < scores.length; i++) {
    if (!alarm.push(scores[i]!)) close(i);
    else if (start < 0) start = peakFrame = i;
    else if (scores[i]! > scores[peakFrame]!) peakFrame = i;
  }
  close(scores.length);
  return episodes;
}
