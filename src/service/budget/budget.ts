import { Episodes } from '../../scoring/alarm/episodes.ts';
import type { BudgetPreview } from '../contract/camera.ts';
import type { ScoredStretch } from '../parts.ts';
import type { BudgetSettings, CameraKeeper } from './camera-keeper.ts';

/** An alarm that a threshold would have given: from `time` to `end`, and its highest score. */
export interface PreviewedAlarm {
  readonly time: number;
  readonly end: number;
  readonly peak: number;
}

/** `BudgetPreview` before the events of its alarms are known. */
export interface HistoryPreview extends Omit<BudgetPreview, 'alarms'> {
  readonly alarms: readonly PreviewedAlarm[];
}

const mostAlarms = 200;
const HOUR = 3_600_000;

/**
 * What a budget would mean: the alarms that its threshold would have given on what was seen, the
 * latest first, at most 200, and what it would do to apply it.
 * @param history the highest score of each second; NaN where there was none
 * @param grouping milliseconds
 */
export function previewBudget(
  history: readonly ScoredStretch[],
  keeper: CameraKeeper,
  budget: BudgetSettings,
  grouping: number,
): HistoryPreview {
  const asked = keeper.with(budget);
  const { threshold, trust } = asked;
  const alarms = alarmsOf(history, threshold.threshold, grouping);
  const seen = seenOf(history);
  return {
    ...threshold,
    alarms: alarms.toReversed().slice(0, mostAlarms),
    totalAlarms: alarms.length,
    seen,
    inForce: keeper.level,
    trust,
    effect: effectOf(keeper, asked, seen.highest),
  };
}

function seenOf(history: readonly ScoredStretch[]): BudgetPreview['seen'] {
  let seconds = 0;
  let highest: number | null = null;
  let to: number | null = null;
  for (const { from, peaks } of history) {
    to = from + 1000 * peaks.length;
    for (const peak of peaks) {
      if (Number.isNaN(peak)) continue;
      seconds += 1;
      if (highest === null || peak > highest) highest = peak;
    }
  }
  return { hours: (1000 * seconds) / HOUR, from: history[0]?.from ?? null, to, highest };
}

function effectOf(now: CameraKeeper, asked: CameraKeeper, highest: number | null): string {
  const [from, to] = [now.level.toFixed(1), asked.level.toFixed(1)];
  const moves = from === to ? `the threshold stays at ${to}` : `threshold ${from} → ${to}`;
  const parts = [moves];
  if (highest !== null && asked.level >= highest)
    parts.push(
      `nothing seen so far would alarm: the highest score was ${highest.toFixed(1)}, so the camera is as good as switched off for all that is like it`,
    );
  if (asked.shadow && !now.shadow)
    parts.push('too little footage was seen for this budget: alarms will not be sent');
  else if (!asked.shadow && now.shadow) parts.push('alarms will be sent from then on');
  return parts.join('; ');
}

/**
 * The alarms that a threshold would have given, the first first.
 * @param history in the order of time
 */
export function alarmsOf(
  history: readonly ScoredStretch[],
  threshold: number,
  grouping?: number,
): PreviewedAlarm[] {
  const alarms: PreviewedAlarm[] = [];
  const episodes = new Episodes(grouping);
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
