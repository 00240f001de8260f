import { type HourOfPeaks, PeakHistory } from './history.ts';
import { BudgetKeeper, type KeeperStart, type KeptEvent } from './keeper.ts';

/** Scores of a stretch. */
export interface SeenScores {
  /** Time of the first, in milliseconds since 1970. */
  readonly from: number;
  /** The highest of each second, or NaN. */
  readonly peaks: ArrayLike<number>;
}

/** A keeper for footage that was scored without one. Its store starts at the balance. */
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

/** Peaks of each minute, in the form of a keeper's state. */
export function hoursOf(history: readonly SeenScores[]): readonly HourOfPeaks[] {
  const seen = new PeakHistory();
  for (const { from, peaks } of history)
    for (let i = 0; i < peaks.length; i++)
      if (!Number.isNaN(peaks[i])) seen.push(from + 1000 * i, peaks[i]!);
  return seen.hours;
}
