import type { AlarmTail } from './tail.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const MINUTES = 60;

/** Hours that are kept: a week. */
const KEPT_HOURS = 168;

/** Episodes that make the tail; rarer ones are known by extrapolation alone. */
const KNOWN_EPISODES = 10;

/** Minutes' worth of an hour of the day below which a single episode would say too much. */
const LEAST_MINUTES = 30;

/** The highest score of each minute of an hour, `null` where there was none. Plain JSON. */
export interface HourOfPeaks {
  /** Hours since 1970. */
  readonly hour: number;
  readonly peaks: (number | null)[];
}

/** How much was seen. */
export interface Footage {
  readonly hours: number;
  /** Different hours of the day of which something was seen. */
  readonly hoursOfDay: number;
}

/** Changes the peak of a minute, or leaves the minute out (`undefined`). Time in milliseconds. */
export type PeakView = (time: number, peak: number) => number | undefined;

/**
 * The highest score of each minute of the last week. From it follows how often alarms would be
 * raised at any threshold, each hour of the day counting alike, however much of it was seen.
 */
export class PeakHistory {
  #hours: HourOfPeaks[];

  constructor(hours: readonly HourOfPeaks[] = []) {
    this.#hours = hours.map(({ hour, peaks }) => ({ hour, peaks: [...peaks] }));
  }

  get hours(): readonly HourOfPeaks[] {
    return this.#hours;
  }

  get footage(): Footage {
    let minutes = 0;
    const hoursOfDay = new Set<number>();
    for (const { hour, peaks } of this.#hours) {
      const seen = peaks.filter((peak) => peak !== null).length;
      minutes += seen;
      if (seen >= LEAST_MINUTES) hoursOfDay.add(hour % 24);
    }
    return { hours: minutes / MINUTES, hoursOfDay: hoursOfDay.size };
  }

  /** @param time milliseconds since 1970 */
  push(time: number, score: number): void {
    const hour = Math.floor(time / HOUR);
    let newest = this.#hours.at(-1);
    if (newest === undefined || newest.hour !== hour) {
      // A clock that was set back starts no hour twice.
      const known = this.#hours.find((other) => other.hour === hour);
      newest = known ?? { hour, peaks: new Array<number | null>(MINUTES).fill(null) };
      if (!known) this.#hours.push(newest);
      this.#hours = this.#hours.filter((other) => hour - other.hour < KEPT_HOURS);
    }
    const minute = Math.floor((time - hour * HOUR) / MINUTE);
    newest.peaks[minute] = Math.max(newest.peaks[minute] ?? Number.NEGATIVE_INFINITY, score);
  }

  /**
   * @param view what a minute counts as
   * @param smallestExcess mean excess where all peaks are alike
   * @returns undefined where nothing was seen
   */
  tail(view: PeakView, smallestExcess: number): AlarmTail | undefined {
    return tailOf(this.#minutes(view), smallestExcess);
  }

  #minutes(view: PeakView): Minute[] {
    const seen = new Map<number, number>();
    const minutes: Minute[] = [];
    for (const { hour, peaks } of this.#hours)
      for (const [minute, peak] of peaks.entries()) {
        if (peak === null) continue;
        const time = hour * HOUR + minute * MINUTE;
        const counted = view(time, peak);
        if (counted === undefined) continue;
        minutes.push({ at: time / MINUTE, hourOfDay: hour % 24, peak: counted, weight: 0 });
        seen.set(hour % 24, (seen.get(hour % 24) ?? 0) + 1);
      }
    for (const minute of minutes) {
      const hours = Math.max(LEAST_MINUTES, seen.get(minute.hourOfDay)!) / MINUTES;
      minute.weight = 1 / hours / seen.size;
    }
    return minutes;
  }
}

interface Minute {
  /** Minutes since 1970. */
  readonly at: number;
  readonly hourOfDay: number;
  readonly peak: number;
  /** Alarms an hour that one in this minute stands for. */
  weight: number;
}

/**
 * Minutes in a row above a threshold are one episode. The threshold falls from peak to peak: a minute
 * that rises above it starts an episode, prolongs one, or joins two.
 */
function tailOf(minutes: Minute[], smallestExcess: number): AlarmTail | undefined {
  if (minutes.length === 0) return undefined;
  const sorted = minutes.toSorted((a, b) => b.peak - a.peak);
  const above = new Map<number, number>();
  const points: { level: number; rate: number }[] = [];
  let rate = 0;
  let episodes = 0;
  let most = 0;
  let known: number | undefined;
  for (const [i, { at, peak, weight }] of sorted.entries()) {
    if (!above.has(at - 1)) {
      rate += weight;
      episodes += 1;
    }
    const next = above.get(at + 1);
    if (next !== undefined) {
      rate -= next;
      episodes -= 1;
    }
    above.set(at, weight);
    // Where episodes grow together their number falls; a lower threshold is not taken as a rarer alarm.
    most = Math.max(most, rate);
    points.push({ level: peak, rate: most });
    if (known === undefined && episodes >= KNOWN_EPISODES) known = i;
  }
  const first = known ?? Math.floor((sorted.length - 1) / 3);
  const level = sorted[first]!.peak;
  const excess = sorted.slice(0, first).reduce((sum, { peak }) => sum + peak - level, 0);
  const kept = points.slice(first).filter(({ rate: r }, i, all) => i === 0 || r > all[i - 1]!.rate);
  return { points: kept, meanExcess: Math.max(smallestExcess, excess / Math.max(1, first)) };
}
