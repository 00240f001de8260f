import type { AnomalyEvent, EventPage } from '../../../src/service/contract/event.ts';

/** A page of the service's list, after a cursor. */
export type AskPage = (cursor: string | null, limit: number) => Promise<EventPage>;

const FIRST = 100;
const LATER = 500;

/**
 * The list of events, the latest first, of which pages are there as far as somebody looked. The rows
 * behind them are known by their number only.
 */
export class EventPages {
  readonly #ask: AskPage;
  readonly #ids = new Set<string>();
  #events: AnomalyEvent[] = [];
  #next: string | null = null;
  #total = 0;
  #loading: Promise<void> | undefined;
  #wanted = 0;

  constructor(ask: AskPage) {
    this.#ask = ask;
  }

  /** Those that are there. */
  get events(): readonly AnomalyEvent[] {
    return this.#events;
  }

  /** Rows, with those that are not there yet. */
  get total(): number {
    return Math.max(this.#total, this.#events.length);
  }

  /** Asks for the first page. */
  async open(): Promise<void> {
    const page = await this.#ask(null, FIRST);
    this.#events = [];
    this.#ids.clear();
    this.#total = page.total;
    this.#append(page);
  }

  /**
   * Asks for pages until this many rows are there or there are no more; a call while another one is
   * under way only raises its aim.
   */
  reach(rows: number, onPage: () => void): Promise<void> {
    this.#wanted = Math.max(this.#wanted, rows);
    this.#loading ??= this.#load(onPage).finally(() => {
      this.#loading = undefined;
      this.#wanted = 0;
    });
    return this.#loading;
  }

  async #load(onPage: () => void): Promise<void> {
    while (this.#next !== null && this.#events.length < this.#wanted) {
      this.#append(await this.#ask(this.#next, LATER));
      onPage();
    }
  }

  #append(page: EventPage): void {
    const fresh = page.events.filter((event) => !this.#ids.has(event.id));
    for (const event of fresh) this.#ids.add(event.id);
    this.#events = [...this.#events, ...fresh];
    this.#next = page.next;
    // A page may be the last one although others were removed meanwhile.
    if (page.next === null) this.#total = this.#events.length;
  }

  /**
   * Takes an event that was told live.
   * @returns the row at which it was put in; -1 where it was there and is only brought up to date, or
   *   lies behind what is there
   */
  take(event: AnomalyEvent): number {
    if (this.#ids.has(event.id)) {
      this.#events = this.#events.map((old) => (old.id === event.id ? event : old));
      return -1;
    }
    const after = this.#events.findIndex((old) => old.start <= event.start);
    if (after < 0 && this.#next !== null) return -1;
    const row = after < 0 ? this.#events.length : after;
    this.#ids.add(event.id);
    this.#events = this.#events.toSpliced(row, 0, event);
    this.#total++;
    return row;
  }

  /** @returns the row it had; -1 where it was not there */
  remove(id: string): number {
    const row = this.#events.findIndex((event) => event.id === id);
    if (row < 0) return -1;
    this.#ids.delete(id);
    this.#events = this.#events.toSpliced(row, 1);
    this.#total--;
    return row;
  }
}
