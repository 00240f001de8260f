import { alarmEpisodes } from '../scoring/alarm/series.ts';
import { mostAlarms, storeOf } from '../scoring/budget/guarantee.ts';
import type { BudgetKeeper } from '../scoring/budget/keeper.ts';
import type { DrillResult } from './drill.ts';
import type { InsertionKind } from './insertions.ts';
import type { RecordedAlarm, Recording } from './recording.ts';

const HOUR = 3_600_000;
const HOURS_A_DAY = 24;

/** How many of one kind were put in, and how many raised an alarm. */
interface Share {
  readonly inserted: number;
  readonly found: number;
}

export interface DrillFigures extends Share {
  /** From the beginning of an insertion to its alarm, over those found. */
  readonly medianDelaySeconds: number | null;
  readonly kinds: Partial<Readonly<Record<InsertionKind, Share>>>;
  /**
   * What the largest smoothed block difference finds, at the lowest threshold with which it raises no
   * more alarms on the footage than the model did: chosen afterwards, so it is a little flattered.
   */
  readonly blockDifference: Pick<Share, 'found'>;
}

/** An alarm: seconds into its file, its highest score, the file. */
interface Peak {
  readonly time: number;
  readonly score: number;
  readonly file: string;
}

/** What a rehearsal finds. */
export interface Rehearsal {
  readonly model: string;
  /** Of footage. */
  readonly hours: number;
  readonly budgetPerDay: number;
  readonly alarms: number;
  readonly alarmsPerDay: number;
  /** After the first 24 hours, in which the threshold settles; `null` where there is no more footage. */
  readonly alarmsPerDayLater: number | null;
  /** Most alarms within 24 hours, and in one of the hours counted from the beginning. */
  readonly worstDay: number;
  readonly worstHour: number;
  /** Hours with more alarms than the budget has for an hour, or than one. */
  readonly hoursOverBudget: number;
  /** The most alarms that there could have been in this time, whatever the footage had shown. */
  readonly guarantee: number;
  /** {@link guarantee} is the budget times the time, and this. */
  readonly guaranteeConstant: number;
  /** Hours at the beginning in which too little footage was known for the budget, and the alarms in them. */
  readonly shadow: { readonly hours: number; readonly alarms: number };
  /** Times that a score was above the level while the budget was used up. */
  readonly withheld: number;
  readonly threshold: {
    readonly first: number;
    readonly median: number;
    readonly last: number;
    readonly least: number;
    readonly most: number;
  };
  readonly peaks: readonly Peak[];
  readonly drill?: DrillFigures;
  /** Where several budgets were asked for: each, in their order. What is beside it is the first. */
  readonly budgets?: readonly Rehearsal[];
}

export function figuresOf(
  record: Recording,
  keeper: BudgetKeeper,
  withheld: number,
  drill: readonly DrillResult[] | undefined,
  model: string,
): Rehearsal {
  const { hours, alarms, thresholds } = record;
  const budget = keeper.budgetPerHour;
  const perHour = alarmsOfHours(alarms);
  const finite = thresholds.filter(Number.isFinite);
  return {
    model,
    hours,
    budgetPerDay: HOURS_A_DAY * budget,
    alarms: alarms.length,
    alarmsPerDay: (HOURS_A_DAY * alarms.length) / hours,
    alarmsPerDayLater: laterPerDay(alarms, hours),
    worstDay: worstDay(alarms),
    worstHour: Math.max(0, ...perHour.values()),
    hoursOverBudget: [...perHour.values()].filter((count) => count > Math.max(1, budget)).length,
    guarantee: mostAlarms(budget, hours),
    guaranteeConstant: storeOf(budget),
    shadow: { hours: record.shadowHours, alarms: alarms.filter(({ shadow }) => shadow).length },
    withheld,
    threshold: {
      first: finite[0]!,
      median: median(finite)!,
      last: finite.at(-1)!,
      least: finite.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
      most: finite.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
    },
    peaks: alarms.map(({ peak, peakTime, file, fileStart }) => ({
      time: (peakTime - fileStart) / 1000,
      score: peak,
      file,
    })),
    ...(drill ? { drill: drillFigures(drill, record) } : {}),
  };
}

function worstDay(alarms: readonly RecordedAlarm[]): number {
  const within = ({ start }: RecordedAlarm) =>
    alarms.filter((other) => other.start >= start && other.start < start + HOURS_A_DAY * HOUR);
  return Math.max(0, ...alarms.map((alarm) => within(alarm).length));
}

function laterPerDay(alarms: readonly RecordedAlarm[], hours: number): number | null {
  if (hours <= HOURS_A_DAY) return null;
  const later = alarms.filter(({ start }) => start >= HOURS_A_DAY * HOUR).length;
  return (HOURS_A_DAY * later) / (hours - HOURS_A_DAY);
}

/** Alarms of each hour that has some. */
function alarmsOfHours(alarms: readonly RecordedAlarm[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { start } of alarms) {
    const hour = Math.floor(start / HOUR);
    counts.set(hour, (counts.get(hour) ?? 0) + 1);
  }
  return counts;
}

function drillFigures(results: readonly DrillResult[], record: Recording): DrillFigures {
  const found = results.filter(({ delay }) => delay !== null);
  const kinds: Partial<Record<InsertionKind, Share>> = {};
  for (const { kind, delay } of results) {
    const { inserted, found: before } = kinds[kind] ?? { inserted: 0, found: 0 };
    kinds[kind] = { inserted: inserted + 1, found: before + (delay === null ? 0 : 1) };
  }
  const level = levelOf(record.differences, record.alarms.length);
  return {
    inserted: results.length,
    found: found.length,
    medianDelaySeconds: median(found.map(({ delay }) => delay!)) ?? null,
    kinds,
    blockDifference: { found: results.filter(({ difference }) => difference > level).length },
  };
}

/** The lowest threshold of a series, a value a second, that raises at most the given alarms. */
function levelOf(series: readonly number[], most: number): number {
  const candidates = [...new Set(series)].sort((a, b) => b - a);
  let level = candidates[0] ?? 0;
  for (const candidate of candidates) {
    if (alarmEpisodes(series, candidate, { fps: 1 }).length > most) break;
    level = candidate;
  }
  return level;
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 || sorted.length === 0
    ? sorted[half]
    : (sorted[half - 1]! + sorted[half]!) / 2;
}
