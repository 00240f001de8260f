import { budgetThreshold } from '../../scoring/threshold.ts';
import type { ThresholdInForce } from '../contract/camera.ts';
import { Episodes } from '../events/episodes.ts';
import type { ScoredStretch, Span } from '../parts.ts';
import { cutStretches } from './stretches.ts';
import { thresholdInForce } from './threshold-in-force.ts';

/**
 * The threshold that keeps a budget on what was seen.
 * @param history the highest score of each second; NaN where there was none
 * @param real spans of events that were judged real: their seconds do not count
 * @returns null where nothing is left to go by
 */
export function budgetFromHistory(
  history: readonly ScoredStretch[],
  alarmsPerDay: number,
  now: number,
  real: readonly Span[] = [],
): ThresholdInForce | null {
  const normal = cutStretches(history, real);
  if (normal.length === 0) return null;
  const stretches = normal.map(({ peaks }) => ({ scores: peaks, fps: 1 }));
  return thresholdInForce(budgetThreshold(stretches, { budgetPerHour: alarmsPerDay / 24 }), now);
}

/** An alarm that a threshold would have given: from `time` to `end`, and its highest score. */
export interface PreviewedAlarm {
  readonly time: number;
  readonly end: number;
  readonly peak: number;
}

/** `BudgetPreview` before the events of its alarms are known. */
export interface HistoryPreview extends ThresholdInForce {
  readonly alarms: readonly PreviewedAlarm[];
  readonly totalAlarms: number;
}

const mostAlarms = 200;

/**
 * The alarms that a budget's threshold would have given on what was seen, those that were real among
 * them; the latest first, at most 200. They start and end as those of `EventTracker` do.
 */
export function previewBudget(
  history: readonly ScoredStretch[],
  threshold: ThresholdInForce,
): HistoryPreview {
  const alarms = alarmsOf(history, threshold.threshold);
  return {
    ...threshold,
    alarms: alarms.toReversed().slice(0, mostAlarms),
    totalAlarms: alarms.length,
  };
}

/**
 * The alarms that a threshold would have given, the first first.
 * @param history in the order of time
 */
export function alarmsOf(history: readonly ScoredStretch[], threshold: number): PreviewedAlarm[] {
  const alarms: PreviewedAlarm[] = [];
  const episodes = new Episodes();
  let start = 0;
  let peak = 0;
  const close = (end: number | undefined) => {
    if (end !== undefined) alarms.push({ time: start, end, peak });
  };
  let time = 0;
  for (const { from, peaks } of history)
    for (let i = 0; i < peaks.length; i++) {
      const score = peaks[i]!;
      if (Number.isNaN(score)) continue;
      time = from + i * 1000;
      close(episodes.advance(time));
      if (episodes.push(time, score > threshold)) {
        start = time;
        peak = score;
      } else if (score > peak) peak = score;
    }
  close(episodes.interrupt(time + 1000));
  return alarms;
}
