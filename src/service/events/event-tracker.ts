import { Episodes } from '../../scoring/alarm/episodes.ts';
import { randomId } from '../contract/random-id.ts';
import type { CameraScore, Heatmap, NewEvent } from '../parts.ts';
import { NearMissLimit } from './near-miss-limit.ts';
import { signatureOf } from './signature.ts';

/** Share of the way from 0 to the threshold above which a peak is a near miss. */
const nearMissShare = 0.7;

/** Milliseconds between two updates of an event. */
const updateEvery = 1000;

const nearMissesAnHour = 20;

/** Milliseconds between two near misses below which they are one. */
const nearMissGrouping = 5000;

/** Milliseconds between two signatures of an event, and how many are kept. */
const signedEvery = 500;
const mostSignatures = 24;

/** Why something above the threshold is no alarm. */
export type Held = Pick<NewEvent, 'alike' | 'withheld'>;

/** An event of a camera, and what its picture is made with: the local scores of its peak. */
export interface TrackedEvent extends Omit<NewEvent, 'camera' | 'size' | 'shadow' | 'quiet'> {
  readonly heatmap: Heatmap;
}

/**
 * What happened: an alarm started, has a higher peak, or ended. A near miss is reported once, when it is
 * over, since until then it may become an alarm; it is `dropped` where stronger ones of the same
 * hour take its place.
 */
export type EventChange =
  | { readonly change: 'started' | 'updated' | 'ended'; readonly event: TrackedEvent }
  | { readonly change: 'dropped'; readonly id: string };

interface Underway {
  event: TrackedEvent;
  announced: number;
  announcedScore: number;
}

/**
 * Makes events of a camera's scores: alarms where the score is above the threshold, near misses where
 * it nearly is. It has no clock; times come with the scores, in milliseconds.
 */
export class EventTracker {
  readonly #alarms: Episodes;
  readonly #nearMisses = new Episodes(nearMissGrouping);
  readonly #limit = new NearMissLimit(nearMissesAnHour);
  #alarm: Underway | undefined;
  #nearMiss: TrackedEvent | undefined;
  #aboveNear = false;

  /** @param grouping milliseconds between two alarms below which they are one */
  constructor(grouping?: number) {
    this.#alarms = new Episodes(grouping);
  }

  /** The alarm under way. */
  get alarm(): TrackedEvent | undefined {
    return this.#alarm?.event;
  }

  /** When the alarm that sounded last was silent again, or will be if nothing follows. */
  get soundsUntil(): number {
    return this.#alarms.soundsUntil;
  }

  /**
   * @param threshold in force now; an alarm under way keeps the one it started with
   * @param held why no alarm may start, where none may
   */
  push(score: CameraScore, threshold: number, held?: Held): EventChange[] {
    const { time } = score;
    const changes = this.#endAlarm(this.#alarms.advance(time));
    const level = this.#alarm?.event.threshold ?? threshold;
    const above = score.score > level && !(held && this.#alarms.state === 'quiet');
    if (this.#alarms.push(time, above)) {
      const event = eventOf('alarm', score, threshold);
      this.#alarm = { event, announced: time, announcedScore: score.score };
      this.#forgetNearMiss(time);
      changes.push({ change: 'started', event });
    } else if (this.#alarm !== undefined) {
      changes.push(...this.#updateAlarm(this.#alarm, score));
    }
    if (this.#alarms.state === 'quiet') changes.push(...this.#pushNearMiss(score, threshold, held));
    this.#aboveNear = score.score > nearMissShare * threshold;
    return changes;
  }

  /** No scores follow for a while (the camera is offline, its scene has changed): ends what is under way. */
  interrupt(time: number): EventChange[] {
    this.#forgetNearMiss(time);
    this.#aboveNear = false;
    return this.#endAlarm(this.#alarms.interrupt(time));
  }

  #updateAlarm(alarm: Underway, score: CameraScore): EventChange[] {
    if (score.score > alarm.event.threshold) alarm.event = signed(alarm.event, score);
    if (score.score > alarm.event.peak.score) alarm.event = withPeak(alarm.event, score);
    const { event } = alarm;
    if (event.peak.score <= alarm.announcedScore || score.time - alarm.announced < updateEvery)
      return [];
    alarm.announced = score.time;
    alarm.announcedScore = event.peak.score;
    return [{ change: 'updated', event }];
  }

  #endAlarm(end: number | undefined): EventChange[] {
    const event = this.#alarm?.event;
    if (end === undefined || event === undefined) return [];
    this.#alarm = undefined;
    return [{ change: 'ended', event: { ...event, end } }];
  }

  #pushNearMiss(score: CameraScore, threshold: number, held: Held | undefined): EventChange[] {
    const changes = this.#endNearMiss(this.#nearMisses.advance(score.time));
    const event = this.#nearMiss;
    const level = nearMissShare * (event?.threshold ?? threshold);
    const stopped = held && score.score > threshold ? held : undefined;
    // What lingers there after an alarm belongs to the alarm.
    const above = score.score > level && (event !== undefined || !this.#aboveNear || !!stopped);
    if (this.#nearMisses.push(score.time, above))
      this.#nearMiss = { ...eventOf('near miss', score, threshold), ...stopped };
    else if (event) {
      const signedEvent = score.score > level ? signed(event, score) : event;
      const peaked = score.score > event.peak.score ? withPeak(signedEvent, score) : signedEvent;
      this.#nearMiss = { ...peaked, ...stopped };
    }
    return changes;
  }

  #endNearMiss(end: number | undefined): EventChange[] {
    const event = this.#nearMiss;
    if (end === undefined || event === undefined) return [];
    this.#nearMiss = undefined;
    const { kept, dropped } = this.#limit.add(event.id, end, event.peak.score);
    const changes: EventChange[] = [];
    if (dropped !== undefined) changes.push({ change: 'dropped', id: dropped });
    if (kept) changes.push({ change: 'ended', event: { ...event, end } });
    return changes;
  }

  #forgetNearMiss(time: number): void {
    this.#nearMisses.interrupt(time);
    this.#nearMiss = undefined;
  }
}

function eventOf(kind: NewEvent['kind'], score: CameraScore, threshold: number): TrackedEvent {
  return {
    id: randomId(),
    kind,
    start: score.time,
    end: null,
    threshold,
    alike: null,
    withheld: false,
    signatures: [signatureOf(score)],
    ...atPeak(score),
  };
}

function withPeak(event: TrackedEvent, score: CameraScore): TrackedEvent {
  return { ...event, ...atPeak(score) };
}

/** With what it looks like now, in the first seconds of it and at each new peak. */
function signed(event: TrackedEvent, score: CameraScore): TrackedEvent {
  const { signatures, start, peak } = event;
  const due = score.time - start >= signedEvery * signatures.length;
  if (!due && score.score <= peak.score) return event;
  const kept = signatures.length < mostSignatures ? signatures : signatures.slice(0, -1);
  return { ...event, signatures: [...kept, signatureOf(score)] };
}

function atPeak(peak: CameraScore) {
  const { time, score, appearance, motion, regions, heatmap } = peak;
  const cause = motion > appearance ? ('motion' as const) : ('appearance' as const);
  return {
    peak: { time, score, appearance, motion },
    cause,
    timeScale: cause === 'motion' ? peak.timeScale : null,
    regions: [...regions],
    zone: peak.zone ?? null,
    heatmap,
  };
}
