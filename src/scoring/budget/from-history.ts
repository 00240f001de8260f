import { type HourOfPeaks, PeakHistory } from './history.ts';
import { BudgetKeeper, type KeeperStart, type KeptEvent } from './keeper.ts';

/** Scores seen without a break. */
export interface SeenScores {
  /** Of the first, in milliseconds since 1970. */
  readonly from: number;
  /** The highest of each second; NaN where there was none. */
  readonly peaks: ArrayLike<number>;
}

/** A keeper for footage that was scored before there was one. Its store begins at its balance. */
export function keeperFromHistory(
  budgetPerHour: number,
  start: KeeperStart,
  history: readonly SeenScores[],
  events: readonly KeptEvent[] = [],
): BudgetKeeper {
  const fresh = new BudgetKeeper(budgetPerHour, start);
  const hours = hoursOf(history);
  const time = history.reduce(
    (latest, { from, peaks }) => Math.max(latest, from + 1000 * peaks.length),
    Number.NEGATIVE_INFINITY,
  );
  return BudgetKeeper.resume({
    ...fresh.state,
    time: Number.isFinite(time) ? time : null,
    hours,
    events,
  });
}

/** The peaks of each minute, as a keeper's state has them. */
export function hoursOf(history: readonly SeenScores[]): readonly HourOfPeaks[] {
  const seen = new PeakHistory();
  for (const { from, peaks } of history)
    for (let i = 0; i < peaks.length; i++)
      if (!Number.isNaN(peaks[i])) seen.push(from + 1000 * i, peaks[i]!);
  return seen.hours;
}
