import { alarmEpisodes } from '../scoring/alarm/series.ts';
import { anomalousSpans } from './spans.ts';

/** Budgets, in alarms an hour, for which detection is reported. */
const keptBudgets = [1, 4, 10, 60] as const;

/** Detection with a threshold at which the false alarms on this very footage keep a budget. */
export interface KeptBudget {
  /** False alarms an hour of normal frames, at most. */
  readonly alarmsPerHour: number;
  /** The lowest that keeps it. */
  readonly threshold: number;
  readonly eventsFound: number;
  readonly events: number;
}

export interface LabelledSeries {
  readonly labels: ArrayLike<number>;
  readonly score: ArrayLike<number>;
  readonly fps: number;
}

/** Thresholds that are tried one by one from the highest score down; then ever fewer of them. */
const TRIED_ONE_BY_ONE = 400;
const STRIDE_GROWTH = 1.01;

/**
 * Events found by budget: a free-response curve with alarms as its unit. The labels choose each
 * threshold, so it measures the score alone; a threshold of its own finds what `Operations` says.
 * @returns one for each of {@link keptBudgets}; empty without normal frames
 */
export function detectionAtKeptBudgets(clips: readonly LabelledSeries[]): KeptBudget[] {
  let normalHours = 0;
  for (const { labels, fps } of clips)
    for (let i = 0; i < labels.length; i++) if (labels[i] === 0) normalHours += 1 / fps / 3600;
  if (normalHours === 0) return [];
  const thresholds = triedThresholds(clips);
  let at = 0;
  return keptBudgets.map((alarmsPerHour) => {
    const most = alarmsPerHour * normalHours;
    while (at + 1 < thresholds.length && falseAlarms(clips, thresholds[at + 1]!) <= most) at += 1;
    const threshold = thresholds[at]!;
    return { alarmsPerHour, threshold, ...eventsAbove(clips, threshold) };
  });
}

/** Alarms that start on a normal frame. */
export function falseAlarms(clips: readonly LabelledSeries[], threshold: number): number {
  let count = 0;
  for (const { labels, score, fps } of clips)
    for (const { start } of alarmEpisodes(score, threshold, { fps }))
      if (labels[start] === 0) count += 1;
  return count;
}

function eventsAbove(
  clips: readonly LabelledSeries[],
  threshold: number,
): Pick<KeptBudget, 'eventsFound' | 'events'> {
  let events = 0;
  let eventsFound = 0;
  for (const { labels, score } of clips)
    for (const { start, end } of anomalousSpans(labels)) {
      events += 1;
      let frame = start;
      while (frame < end && !(score[frame]! > threshold)) frame += 1;
      if (frame < end) eventsFound += 1;
    }
  return { eventsFound, events };
}

/** Scores from the highest down, at which nothing is above the first. */
function triedThresholds(clips: readonly LabelledSeries[]): number[] {
  const scores = Float64Array.from(clips.flatMap(({ score }) => Array.from(score)))
    .sort()
    .reverse();
  const tried: number[] = [];
  let stride = 1;
  for (let i = 0; i < scores.length; i += Math.floor(stride)) {
    if (tried.at(-1) !== scores[i]) tried.push(scores[i]!);
    if (i > TRIED_ONE_BY_ONE) stride *= STRIDE_GROWTH;
  }
  return tried;
}
