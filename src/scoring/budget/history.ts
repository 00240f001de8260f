import type { AlarmTail } from './tail.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const MINUTES = 60;

/** Hours kept: a week. */
const KEPT_HOURS = 168;

/** Fewest episodes at the start of the tail; beyond it, rates are extrapolated. */
const KNOWN_EPISODES = 10;

/** Least weight of an hour of the day in minutes, so that a single episode in it does not count too much. */
const LEAST_MINUTES = 30;

/** The highest score of each minute of an hour, `null` where there was none. Plain JSON. */
export interface HourOfPeaks {
  /** Hours since 1970. */
  readonly hour: number;
  readonly peaks: (number | null)[];
}

/** Amount of footage. */
export interface Footage {
  readonly hours: number;
  /** Distinct hours of the day with at least half an hour of footage. */
  readonly hoursOfDay: number;
}

/** Replaces the peak of a minute, or drops the minute (`undefined`). Time in milliseconds. */
export type PeakView = (time: number, peak: number) => number | undefined;

/**
 * The highest score of each minute of the last week. Gives the rate of alarms at any threshold; each hour of
 * the day has the same weight, however much footage of it there is.
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
      // After the clock was set back, an hour may already be known.
      const known = this.#hours.find((other) => other.hour === hour);
      newest = known ?? { hour, peaks: new Array<number | null>(MINUTES).fill(null) };
      if (!known) this.#hours.push(newest);
      this.#hours = this.#hours.filter((other) => hour - other.hour < KEPT_HOURS);
    }
    const minute = Math.floor((time - hour * HOUR) / MINUTE);
    newest.peaks[minute] = Math.max(newest.peaks[minute] ?? Number.NEGATIVE_INFINITY, score);
  }

  /**
   * @param smallestExcess lower bound on the mean excess, reached when all peaks are equal
   * @returns undefined without footage
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
  /** Alarms an hour that an alarm in this minute represents. */
  weight: number;
}

/**
 * Consecutive minutes above a threshold are one episode. The threshold is lowered from peak to peak: each
 * minute that comes to lie above it starts an episode, extends one, or joins two.
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
    // Joining episodes lowers their number, but a lower threshold must not give a lower rate.
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
