import type { CameraKeeper } from '../budget/camera-keeper.ts';
import { ifRoom } from '../disk/if-room.ts';
import { type EventChange, EventTracker, type TrackedEvent } from '../events/event-tracker.ts';
import type { CameraScore, NewEvent } from '../parts.ts';
import type { CameraContext } from './context.ts';
import { EventPictures } from './event-pictures.ts';
import type { WatchOptions } from './watch.ts';

/** Milliseconds that an alarm waits for the judgement of the scene, at most. */
const LONGEST_WAIT = 15_000;

/** An alarm that began less than this before the view was found to be another one was raised by it. */
const RAISED_BY_SCENE = 20_000;

export interface EventOptions extends WatchOptions {
  readonly keeper: CameraKeeper;
}

/** The events of one camera: from scores to rows of the store and files of pictures. */
export class CameraEvents {
  readonly #camera: string;
  readonly #context: CameraContext;
  readonly #options: EventOptions;
  readonly #tracker: EventTracker;
  /** Of the alarm under way. */
  #pictures: EventPictures | undefined;
  readonly #unsettled = new Set<Promise<void>>();
  #lastTime = 0;
  #doubtful = false;
  /** What happened while the scene was being judged, and since when it waits. */
  #waiting: { readonly since: number; readonly changes: EventChange[] } | undefined;
  #latestAlarm: { readonly id: string; readonly start: number; shadow: boolean } | undefined;
  #dismissed: string | undefined;

  constructor(camera: string, context: CameraContext, options: EventOptions) {
    this.#camera = camera;
    this.#context = context;
    this.#options = options;
    this.#tracker = new EventTracker(options.settings().budget.grouping * 1000);
  }

  /** Whether an announced alarm is under way. */
  get alarm(): boolean {
    const { alarm } = this.#tracker;
    if (!alarm || this.#waiting || alarm.id === this.#dismissed) return false;
    return this.#latestAlarm?.id === alarm.id && !this.#latestAlarm.shadow;
  }

  score(score: CameraScore): void {
    this.#lastTime = score.time;
    if (this.#waiting && score.time - this.#waiting.since >= LONGEST_WAIT) this.#release();
    const { keeper } = this.#options;
    const held = keeper.push(score);
    // What a zone without alarms shows is listed where nothing else is above the threshold.
    const { seen } = score;
    const silent =
      seen && !this.#tracker.alarm && score.score <= keeper.level && seen.score > keeper.level;
    const changes = silent
      ? this.#tracker.push(seen, keeper.level, { alike: null, withheld: false })
      : this.#tracker.push(score, keeper.level, held);
    for (const change of changes) this.#happened(change);
  }

  /** While the view is in doubt, alarms wait. */
  doubt(doubtful: boolean): void {
    this.#doubtful = doubtful;
    if (!doubtful) this.#release();
  }

  /** Takes back what another view raised. */
  retract(reason: string): void {
    const { keeper } = this.#options;
    const waiting = this.#waiting?.changes ?? [];
    this.#waiting = undefined;
    this.#doubtful = false;
    for (const change of waiting)
      if (change.change === 'started') keeper.withdraw(change.event.id);
      else if (change.change === 'dropped' || change.event.kind === 'near miss')
        this.#apply(change);
    const waited = waiting.some(
      (change) => change.change === 'started' && change.event.id === this.#tracker.alarm?.id,
    );
    if (waited) this.#tracker.interrupt(this.#lastTime);
    const latest = this.#latestAlarm;
    if (waited || !latest || this.#lastTime - latest.start > RAISED_BY_SCENE) return;
    keeper.withdraw(latest.id);
    this.#latestAlarm = undefined;
    // The end that follows goes out with it.
    this.#context.events.update(latest.id, { retracted: reason });
  }

  /** The event was deleted: no more of it is announced. */
  dismiss(event: string): void {
    this.#dismissed = event;
  }

  /** Nothing is scored for a while: what goes on is over. */
  interrupt(): void {
    for (const change of this.#tracker.interrupt(this.#lastTime)) this.#happened(change);
    this.#release();
  }

  /** As {@link interrupt}; settles when the pictures are taken, for which nothing is waited any more. */
  async close(): Promise<void> {
    this.#pictures?.hurry();
    this.interrupt();
    await Promise.all(this.#unsettled);
  }

  #happened(change: EventChange): void {
    const { keeper } = this.#options;
    const isAlarm = change.change !== 'dropped' && change.event.kind === 'alarm';
    if (isAlarm && change.change === 'started') keeper.started(change.event);
    else if (isAlarm) keeper.changed(change.event);
    const waits = this.#waiting !== undefined || (this.#doubtful && change.change === 'started');
    if (!waits) {
      this.#apply(change);
      return;
    }
    this.#waiting ??= { since: this.#lastTime, changes: [] };
    this.#waiting.changes.push(change);
  }

  #release(): void {
    const changes = this.#waiting?.changes ?? [];
    this.#waiting = undefined;
    for (const change of changes) this.#apply(change);
  }

  #apply(change: EventChange): void {
    const { events, store, files } = this.#context;
    if (change.change === 'dropped') {
      // On a full disk it stays: one near miss more than are kept of an hour.
      if (ifRoom(() => store.removeEvent(change.id))) files.removeEvent(change.id);
      return;
    }
    const { id, kind, end, peak, cause, timeScale, regions, zone, signatures } = change.event;
    if (change.change === 'started' || kind === 'near miss') this.#add(change.event);
    else if (id !== this.#dismissed)
      events.update(id, { end, peak, cause, timeScale, regions, zone, signatures });
    const shown = { time: peak.time, score: peak.score, heatmap: change.event.heatmap };
    if (change.change === 'updated') this.#pictures?.peak(shown);
    if (change.change === 'started') this.#pictures = this.#picturesOf(change.event, shown);
    if (end === null) return;
    const pictures = kind === 'alarm' ? this.#pictures : this.#picturesOf(change.event, shown);
    if (kind === 'alarm') this.#pictures = undefined;
    pictures?.peak(shown);
    const settled = pictures?.end(end);
    if (!settled) return;
    this.#unsettled.add(settled);
    void settled.finally(() => this.#unsettled.delete(settled));
  }

  #add({ heatmap: _, ...event }: TrackedEvent): void {
    const { size, light } = this.#options;
    const quiet = event.kind === 'alarm' ? this.#quiet() : null;
    const shadow = quiet !== null;
    if (event.kind === 'alarm') this.#latestAlarm = { id: event.id, start: event.start, shadow };
    this.#context.events.add({
      ...event,
      shadow,
      quiet,
      light: light ?? null,
      camera: this.#camera,
      size: size(),
    });
  }

  /** Why an alarm that starts now is not sent. */
  #quiet(): NewEvent['quiet'] {
    if (this.#options.keeper.shadow) return 'trial';
    return this.#context.schedule.quiet(this.#camera);
  }

  #picturesOf(
    { id, start }: TrackedEvent,
    peak: Pick<CameraScore, 'time' | 'score' | 'heatmap'>,
  ): EventPictures {
    const { events, files } = this.#context;
    const { decoder, settings } = this.#options;
    return new EventPictures(
      {
        decoder,
        folder: files.eventFolder(id),
        start,
        clip: settings().clip,
        soundsUntil: () => this.#tracker.soundsUntil,
        noClips: () => (events.waiting > 0 ? 'the disk is full' : files.noClips()),
        onChange: (change) => {
          events.update(id, change);
          if (!events.has(id)) files.removeEvent(id);
          else if (change.clip || change.thumbnail) files.eventWritten(id);
        },
      },
      peak,
    );
  }
}
