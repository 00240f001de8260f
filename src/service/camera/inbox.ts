import type { AnomalyEvent, EventMarks, Verdict } from '../contract/event.ts';
import type {
  DayCounts,
  InboxAnswer,
  InboxFilter,
  VerdictAnswer,
  VerdictOrder,
} from '../contract/inbox.ts';
import { foldRepeats, repeats, type SignedEvent } from '../events/repeats.ts';
import type { Store } from '../parts.ts';

/** Events that are folded at once, and looked through for those that are like others. */
const FOLDED = 300;
const COMPARED = 500;

type InboxStore = Pick<
  Store,
  'events' | 'event' | 'signatures' | 'eventsToJudge' | 'eventDays' | 'updateEvent'
>;

export interface InboxOptions {
  /** How much higher than an event's peak another may be that is like it. */
  readonly margin: (camera: string) => number;
  /** Judges one event, with all that follows from it. */
  readonly judge: (id: string, verdict: Verdict) => AnomalyEvent | undefined;
  readonly onChanged: (event: AnomalyEvent) => void;
}

/** Events that wait for a verdict, and verdicts on many at once. */
export class Inbox {
  readonly #store: InboxStore;
  readonly #options: InboxOptions;

  constructor(store: InboxStore, options: InboxOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** @param seen ids of the cameras that the asker may see; null: all */
  open({ camera, kind }: InboxFilter, seen: readonly string[] | null): InboxAnswer {
    const page = this.#store.events({ kind, verdict: 'open', camera, limit: FOLDED, seen });
    const events = page.events.filter(({ retracted }) => retracted === null);
    return {
      toJudge: this.#store.eventsToJudge().filter(({ camera: of }) => seen?.includes(of) ?? true),
      groups: foldRepeats(
        events.map((event) => this.#signed(event)),
        this.#options.margin,
      ),
      more: page.next !== null,
    };
  }

  days(
    starts: readonly number[],
    camera: string | undefined,
    seen: readonly string[] | null,
  ): DayCounts[] {
    return this.#store.eventDays(starts, camera, seen);
  }

  /** Judges those that still are there. @param sees which cameras the asker may see */
  judge({ verdicts, likeThese }: VerdictOrder, sees: (camera: string) => boolean): VerdictAnswer {
    const named = verdicts.flatMap(({ event: id, ...to }) => {
      const event = this.#store.event(id);
      return event && sees(event.camera) ? [{ event, ...to }] : [];
    });
    const orders = likeThese ? [...named, ...this.#like(named)] : named;
    const undo = orders.map(({ event: { id, verdict, kept } }) => ({ event: id, verdict, kept }));
    const events = orders.flatMap(({ event, verdict, kept }) => {
      const judged = this.#options.judge(event.id, verdict);
      if (!judged || kept === undefined || judged.kept === kept) return judged ?? [];
      return this.mark(event.id, { kept }) ?? [];
    });
    return { events, undo };
  }

  /** Sets the keep mark, the note, or both; an empty note is none. */
  mark(id: string, { kept, note }: EventMarks): AnomalyEvent | undefined {
    const event = this.#store.updateEvent(id, {
      ...(kept !== undefined && { kept }),
      ...(note !== undefined && { note: note || null }),
    });
    if (event) this.#options.onChanged(event);
    return event;
  }

  /** Those nobody has judged that are like one of the others, each with its verdict. */
  #like(named: readonly { readonly event: AnomalyEvent; readonly verdict: Verdict }[]) {
    const known = new Set(named.map(({ event }) => event.id));
    const cameras = new Set(named.map(({ event }) => event.camera));
    const patterns = named.map(({ event, verdict }) => ({ ...this.#signed(event), verdict }));
    return [...cameras].flatMap((camera) =>
      this.#store
        .events({ camera, verdict: 'open', limit: COMPARED })
        .events.filter(({ id, retracted }) => !known.has(id) && retracted === null)
        .flatMap((event) => {
          const signed = this.#signed(event);
          const margin = this.#options.margin(camera);
          const like = patterns.find((pattern) => repeats(signed, pattern, margin));
          return like ? [{ event, verdict: like.verdict, kept: undefined }] : [];
        }),
    );
  }

  #signed(event: AnomalyEvent): SignedEvent {
    return { event, signatures: this.#store.signatures(event.id) };
  }
}
