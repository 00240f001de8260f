import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { AnomalyEvent, EventPage, Verdict } from '../contract/event.ts';
import type { StoredFile } from '../files/stored-file.ts';
import type { ServiceFiles } from '../files/stored-files.ts';
import type { SeenEvents, Store } from '../parts.ts';

const mediaTypes = {
  thumbnail: 'image/jpeg',
  heatmap: 'image/png',
  clip: 'video/mp4',
} as const;

/** Milliseconds that a message waits for its picture, where that is on another machine. */
const LONGEST_FETCH = 3000;

export interface EventArchiveListener {
  /** @returns what the verdict did, in a sentence; null where it did nothing, undefined where that is said later */
  onVerdict(event: AnomalyEvent): string | null | undefined;
  onChanged(event: AnomalyEvent): void;
  /** What goes out of an event that is ended by its removal. */
  messages(event: AnomalyEvent): Parameters<Store['addEvent']>[1];
  onRemoved(event: AnomalyEvent): void;
}

/** Events that are stored, as people look at them: found, judged and removed. */
export class EventArchive {
  readonly #store: Pick<Store, 'events' | 'event' | 'updateEvent' | 'removeEvent'>;
  readonly #files: Pick<ServiceFiles, 'eventFile' | 'removeEvent' | 'fetch'>;
  readonly #listener: EventArchiveListener;

  constructor(
    store: Pick<Store, 'events' | 'event' | 'updateEvent' | 'removeEvent'>,
    files: Pick<ServiceFiles, 'eventFile' | 'removeEvent' | 'fetch'>,
    listener: EventArchiveListener,
  ) {
    this.#store = store;
    this.#files = files;
    this.#listener = listener;
  }

  page(filter: SeenEvents): EventPage {
    return this.#store.events(filter);
  }

  get(id: string): AnomalyEvent | undefined {
    return this.#store.event(id);
  }

  judge(id: string, verdict: Verdict): AnomalyEvent | undefined {
    const judged = this.#store.updateEvent(id, {
      verdict,
      ...(verdict === 'real' && { kept: true }),
    });
    if (!judged) return undefined;
    const effect = this.#listener.onVerdict(judged);
    const event = effect === undefined ? judged : this.#store.updateEvent(id, { effect });
    if (event) this.#listener.onChanged(event);
    return event;
  }

  /** One under way is ended first, so that its end is announced as its start was. @returns whether there was one */
  remove(id: string): boolean {
    const event = this.#store.event(id);
    if (!event) return false;
    if (event.end === null) {
      const end = Math.max(event.start, event.peak.time);
      const messages = this.#listener.messages({ ...event, end });
      const ended = this.#store.updateEvent(id, { end }, messages);
      if (ended) this.#listener.onChanged(ended);
    }
    if (!this.#store.removeEvent(id)) return false;
    this.#files.removeEvent(id);
    this.#listener.onRemoved(event);
    return true;
  }

  /** The JPEG of an event's peak; undefined where there is none. */
  async thumbnail(id: string): Promise<Buffer | undefined> {
    const stored = this.file(id, 'thumbnail');
    await stored?.fetch(LONGEST_FETCH);
    return stored && (await readFile(stored.path).catch(() => undefined));
  }

  /** Opens a file of an event when it is its turn; undefined where there is none. */
  async openFile(id: string, kind: keyof typeof mediaTypes): Promise<(() => Readable) | undefined> {
    const stored = this.file(id, kind);
    if (!stored) return undefined;
    await stored.fetch();
    try {
      const { size } = await stat(stored.path);
      return size > 0 ? () => createReadStream(stored.path) : undefined;
    } catch {
      return undefined;
    }
  }

  file(id: string, kind: keyof typeof mediaTypes): StoredFile | undefined {
    const event = this.get(id);
    if (!event || !(kind === 'clip' ? event.clip : event.thumbnail)) return undefined;
    const path = this.#files.eventFile(id, kind);
    return { path, type: mediaTypes[kind], fetch: (longest) => this.#files.fetch(path, longest) };
  }
}
