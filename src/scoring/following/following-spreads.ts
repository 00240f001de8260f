import type { NormalSpread } from '../rarity.ts';
import { mixedSpread, type Sketch, sketchOf, sketchOfSpread, type Weighted } from './sketch.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Neighbouring frames say the same; one is taken as often as this. */
const SAMPLED_EVERY = 10_000;

/** Samples are gathered, and spreads taken again, as often as this. */
const PERIOD = 10 * MINUTE;

/** What counts as now: half an hour back, and the same hour of the other days, an hour each way. */
const RECENT = 30 * MINUTE;
const SAME_HOUR = HOUR;

/** Share of the mixture that is now; the rest is every hour of the day alike. */
const NOW_SHARE = 0.8;

/** Periods of now below which the base is used alone. */
const FEWEST_PERIODS = 1;

const KEPT = 7 * DAY;

/** Samples of one period or hour: a sketch of each series. Plain JSON. */
export interface SketchedSpan {
  /** In milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly sketches: readonly Sketch[];
}

/** Everything that {@link FollowingSpreads} knows. Plain JSON, at most some 200 kB. */
export interface FollowingState {
  readonly spans: readonly SketchedSpan[];
  /** Samples of the period under way, a list for each series. */
  readonly samples: readonly (readonly number[])[];
  readonly from: number | null;
}

/**
 * Normal spreads that follow the footage: the light, the hours of the day, the seasons. What is rare is
 * measured against a mixture of now (the last half hour, and this hour of the days before) and
 * the whole week. The week bounds how rare something can become because it is quiet now: a value that
 * the week knows well is at most `-ln(1 - NOW_SHARE)` rarer than by the week alone.
 *
 * Series are whatever has a spread: worst-block errors of each kind and size. Values of alarms must
 * not be pushed.
 */
export class FollowingSpreads {
  readonly #base: readonly NormalSpread[];
  #spans: SketchedSpan[];
  #samples: number[][];
  #from: number | undefined;
  #sampled = Number.NEGATIVE_INFINITY;
  #current: readonly NormalSpread[];

  /** @param base one for each series, as the model has them */
  constructor(base: readonly NormalSpread[], state?: FollowingState) {
    this.#base = base;
    this.#spans = [...(state?.spans ?? [])];
    this.#samples = state ? state.samples.map((list) => [...list]) : base.map(() => []);
    this.#from = state?.from ?? undefined;
    this.#current = base;
    const last = this.#spans.at(-1);
    if (last) this.#current = this.#measure(last.to);
  }

  get state(): FollowingState {
    return {
      spans: this.#spans,
      samples: this.#samples.map((list) => [...list]),
      from: this.#from ?? null,
    };
  }

  /** One for each series, by what was pushed before the period under way. */
  get spreads(): readonly NormalSpread[] {
    return this.#current;
  }

  /**
   * The values of a normal frame.
   * @param time milliseconds since 1970
   * @param values one for each series
   * @returns whether the spreads have changed
   * @throws RangeError where there are not as many values as series.
   */
  push(time: number, values: ArrayLike<number>): boolean {
    if (values.length !== this.#base.length)
      throw new RangeError(`${values.length} values for ${this.#base.length} series`);
    const changed = this.#close(time);
    if (Math.abs(time - this.#sampled) < SAMPLED_EVERY) return changed;
    this.#sampled = time;
    this.#from ??= time - (time % PERIOD);
    for (const [i, list] of this.#samples.entries()) list.push(values[i]!);
    return changed;
  }

  #close(time: number): boolean {
    const from = this.#from;
    if (from === undefined || (time >= from && time < from + PERIOD)) return false;
    const sketches = this.#samples.map(sketchOf);
    this.#spans.push({ from, to: from + PERIOD, sketches });
    this.#samples = this.#base.map(() => []);
    this.#from = undefined;
    this.#spans = joinedHours(this.#spans, time).filter(({ to }) => time - to < KEPT);
    this.#current = this.#measure(time);
    return true;
  }

  #measure(time: number): readonly NormalSpread[] {
    const now = this.#spans.filter((span) => isNow(span, time));
    if (now.length < FEWEST_PERIODS) return this.#base;
    const byHour = new Map<number, SketchedSpan[]>();
    for (const span of this.#spans) {
      const hour = Math.floor((span.from % DAY) / HOUR);
      byHour.set(hour, [...(byHour.get(hour) ?? []), span]);
    }
    const week = [...byHour.values()];
    // What the model was made from stands for the hours that were never seen.
    const unseen = 24 - week.length;
    return this.#base.map((base, i) => {
      const of = (spans: readonly SketchedSpan[], weight: number): Weighted[] =>
        spans.map(({ sketches }) => ({ values: sketches[i]!, weight: weight / spans.length }));
      const rest = (1 - NOW_SHARE) / 24;
      return mixedSpread(
        [
          ...of(now, NOW_SHARE),
          ...week.flatMap((spans) => of(spans, rest)),
          { values: sketchOfSpread(base), weight: unseen * rest },
        ],
        base.quantiles.length,
      );
    });
  }
}

function isNow({ from, to }: SketchedSpan, time: number): boolean {
  if (time - to <= RECENT - PERIOD && time >= from) return true;
  if (Math.abs(time - from) < DAY / 2) return false;
  const apart = Math.abs((from + to) / 2 - time) % DAY;
  return Math.min(apart, DAY - apart) <= SAME_HOUR;
}

/** Periods of an hour that is long over become one. */
function joinedHours(spans: readonly SketchedSpan[], time: number): SketchedSpan[] {
  const joined: SketchedSpan[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    const hour = Math.floor(span.from / HOUR);
    const old = time - (hour + 1) * HOUR >= RECENT;
    if (!last || !old || Math.floor(last.from / HOUR) !== hour) {
      joined.push(span);
      continue;
    }
    const sketches = span.sketches.map((sketch, i) => sketchOf([...last.sketches[i]!, ...sketch]));
    joined[joined.length - 1] = { from: last.from, to: span.to, sketches };
  }
  return joined;
}
