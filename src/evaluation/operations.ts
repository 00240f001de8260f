import { unbroken } from '../datasets/clip.ts';
import { chiSquareQuantile } from '../scoring/chi-square.ts';
import {
  detectionAtKeptBudgets,
  falseAlarms,
  type KeptBudget,
  type LabelledSeries,
} from './kept-budget.ts';
import { anomalousSpans } from './spans.ts';

/** Confidence of {@link Operations.alarmsPerHourBound}. */
export const BOUND_CONFIDENCE = 0.95;

/** What an operator would have had at the budgeted threshold. */
export interface Operations {
  readonly threshold: number;
  /** Alarms that start on a normal frame, an hour of normal frames; null without labelled normal frames. */
  readonly alarmsPerHour: number | null;
  /** Those alarms, and the hours of normal frames that they were counted on. */
  readonly falseAlarms: number | null;
  readonly normalHours: number | null;
  /** What their rate may be at most, as they are few: the upper bound of Poisson's distribution at 95 %. */
  readonly alarmsPerHourBound: number | null;
  /** Events with a score above the threshold on at least one of their frames. */
  readonly eventsFound: number | null;
  /** Runs of anomalous frames; null without labels. */
  readonly events: number | null;
  /** Frames from the start of an event to its first score above the threshold, over the events found. */
  readonly medianDelayFrames: number | null;
  /** Detection where false alarms keep a budget; empty without labelled normal frames. */
  readonly keptBudgets: readonly KeptBudget[];
}

/**
 * Alarms, events and delays at a threshold that was set without the labels. Scores are the causal
 * ones of the `live` protocol; clips without labels are left out. An alarm is held two seconds
 * (see `alarmEpisodes`), but only a score above the threshold finds an event, not an alarm that is
 * still held from before it. No event and no alarm runs across a gap of a recording.
 */
export function operations(
  clips: readonly {
    readonly labels: ArrayLike<number> | undefined;
    readonly score: ArrayLike<number>;
    readonly fps: number;
    /** Frames that do not follow the one before. */
    readonly gaps?: readonly number[] | undefined;
  }[],
  threshold: number,
): Operations {
  const labelled = clips.flatMap(({ labels, ...clip }) =>
    labels === undefined ? [] : dividedAtGaps({ labels, ...clip }),
  );
  let normalHours = 0;
  let events = 0;
  const delays: number[] = [];
  for (const { labels, score, fps } of labelled) {
    for (let i = 0; i < labels.length; i++) if (labels[i] === 0) normalHours += 1 / fps / 3600;
    for (const { start, end } of anomalousSpans(labels)) {
      events++;
      let frame = start;
      while (frame < end && !(score[frame]! > threshold)) frame++;
      if (frame < end) delays.push(frame - start);
    }
  }
  return {
    threshold,
    ...falseAlarmRate(falseAlarms(labelled, threshold), normalHours),
    eventsFound: labelled.length > 0 ? delays.length : null,
    events: labelled.length > 0 ? events : null,
    medianDelayFrames: median(delays),
    keptBudgets: detectionAtKeptBudgets(labelled),
  };
}

function dividedAtGaps({
  labels,
  score,
  fps,
  gaps,
}: LabelledSeries & { readonly gaps?: readonly number[] | undefined }): LabelledSeries[] {
  const [allLabels, scores] = [Array.from(labels), Array.from(score)];
  return unbroken({ gaps }, 0, scores.length).map(({ start, end }) => ({
    labels: allLabels.slice(start, end),
    score: scores.slice(start, end),
    fps,
  }));
}

function falseAlarmRate(falseAlarms: number, normalHours: number) {
  if (normalHours === 0)
    return { alarmsPerHour: null, falseAlarms: null, normalHours: null, alarmsPerHourBound: null };
  const bound = chiSquareQuantile(BOUND_CONFIDENCE, 2 * falseAlarms + 2) / 2;
  return {
    alarmsPerHour: falseAlarms / normalHours,
    falseAlarms,
    normalHours,
    alarmsPerHourBound: bound / normalHours,
  };
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
