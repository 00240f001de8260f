import { ifRoom } from '../disk/if-room.ts';
import { EventTracker, type TrackedEvent } from '../events/event-tracker.ts';
import type { CameraScore } from '../parts.ts';
import type { CameraContext } from './context.ts';
import { EventPictures } from './event-pictures.ts';
import type { WatchOptions } from './watch.ts';

/** The events of one camera: from scores to rows of the store and files of pictures. */
export class CameraEvents {
  readonly #camera: string;
  readonly #context: CameraContext;
  readonly #options: WatchOptions;
  readonly #tracker = new EventTracker();
  /** Of the alarm under way. */
  #pictures: EventPictures | undefined;
  readonly #unsettled = new Set<Promise<void>>();
  #lastTime = 0;

  constructor(camera: string, context: CameraContext, options: WatchOptions) {
    this.#camera = camera;
    this.#context = context;
    this.#options = options;
  }

  /** Whether something is not normal now. */
  get alarm(): boolean {
    return this.#tracker.alarm !== undefined;
  }

  score(score: CameraScore, threshold: number): void {
    this.#lastTime = score.time;
    for (const change of this.#tracker.push(score, threshold)) this.#apply(change);
  }

  /** Nothing is scored for a while: what goes on is over. */
  interrupt(): void {
    for (const change of this.#tracker.interrupt(this.#lastTime)) this.#apply(change);
  }

  /** As {@link interrupt}; settles when the pictures are taken, for which nothing is waited any more. */
  async close(): Promise<void> {
    this.#pictures?.hurry();
    this.interrupt();
    await Promise.all(this.#unsettled);
  }

  #apply(change: ReturnType<EventTracker['push']>[number]): void {
    const { events } = this.#context;
    if (change.change === 'dropped') {
      // On a full disk it stays: one near miss more than are kept of an hour.
      if (ifRoom(() => this.#context.store.removeEvent(change.id)))
        this.#context.files.removeEvent(change.id);
      return;
    }
    const { id, kind, end, peak, cause, timeScale, regions } = change.event;
    if (change.change === 'started' || kind === 'near miss') this.#add(change.event);
    else events.update(id, { end, peak, cause, timeScale, regions });
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
    this.#context.events.add({ ...event, camera: this.#camera, size: this.#options.size() });
  }

  #picturesOf(
    { id, kind, start }: TrackedEvent,
    peak: Pick<CameraScore, 'time' | 'score' | 'heatmap'>,
  ): EventPictures {
    const { events, files } = this.#context;
    const { decoder, settings } = this.#options;
    return new EventPictures(
      {
        decoder,
        folder: files.eventFolder(id),
        start,
        clip: kind === 'alarm' ? settings().clip : null,
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
