import type { AnomalyEvent, EventFilter, EventPage, Verdict } from '../contract/event.ts';
import type { StoredFile } from '../files/stored-file.ts';
import type { StoredFiles } from '../files/stored-files.ts';
import type { Store } from '../parts.ts';

const mediaTypes = {
  thumbnail: 'image/jpeg',
  heatmap: 'image/png',
  clip: 'video/mp4',
} as const;

export interface EventArchiveListener {
  onJudged(event: AnomalyEvent): void;
  onRemoved(id: string): void;
}

/** Events that are stored, as people look at them: found, judged and removed. */
export class EventArchive {
  readonly #store: Pick<Store, 'events' | 'event' | 'updateEvent' | 'removeEvent'>;
  readonly #files: Pick<StoredFiles, 'eventFile' | 'removeEvent'>;
  readonly #listener: EventArchiveListener;

  constructor(
    store: Pick<Store, 'events' | 'event' | 'updateEvent' | 'removeEvent'>,
    files: Pick<StoredFiles, 'eventFile' | 'removeEvent'>,
    listener: EventArchiveListener,
  ) {
    this.#store = store;
    this.#files = files;
    this.#listener = listener;
  }

  page(filter: EventFilter): EventPage {
    return this.#store.events(filter);
  }

  get(id: string): AnomalyEvent | undefined {
    return this.#store.event(id);
  }

  judge(id: string, verdict: Verdict): AnomalyEvent | undefined {
    const event = this.#store.updateEvent(id, { verdict });
    if (event) this.#listener.onJudged(event);
    return event;
  }

  /** @returns whether there was one */
  remove(id: string): boolean {
    if (!this.#store.removeEvent(id)) return false;
    this.#files.removeEvent(id);
    this.#listener.onRemoved(id);
    return true;
  }

  file(id: string, kind: keyof typeof mediaTypes): StoredFile | undefined {
    const event = this.get(id);
    if (!event || !(kind === 'clip' ? event.clip : event.thumbnail)) return undefined;
    return { path: this.#files.eventFile(id, kind), type: mediaTypes[kind] };
  }
}
