import type { AnomalyEvent, EventPage } from '../../../src/service/contract/event.ts';
import type { EventQuery } from './query.ts';

type Ask = (query: EventQuery, cursor: string | null, limit: number) => Promise<EventPage>;

const HOUR = 3_600_000;
/** The service lists the latest first, so what comes next in time is looked for in growing spans. */
const SPANS = [HOUR, 24 * HOUR, 30 * 24 * HOUR];

/** The events of a list before and after one of them, in time; null where there is none. */
export async function neighbours(
  event: AnomalyEvent,
  query: EventQuery,
  ask: Ask,
): Promise<{ earlier: AnomalyEvent | null; later: AnomalyEvent | null }> {
  const [earlier, later] = await Promise.all([
    earlierThan(event, query, ask),
    laterThan(event, query, ask),
  ]);
  return { earlier, later };
}

async function earlierThan(event: AnomalyEvent, query: EventQuery, ask: Ask) {
  const { events } = await ask({ ...query, to: event.start }, null, 20);
  return events.find((one) => one.start < event.start) ?? null;
}

async function laterThan(event: AnomalyEvent, query: EventQuery, ask: Ask) {
  for (const span of SPANS) {
    const to = Math.min(event.start + span, query.to ?? Number.POSITIVE_INFINITY);
    let cursor: string | null = null;
    let nearest: AnomalyEvent | null = null;
    do {
      const page: EventPage = await ask({ ...query, from: event.start, to }, cursor, 500);
      nearest = page.events.findLast((one) => one.start > event.start) ?? nearest;
      cursor = page.next;
    } while (cursor !== null);
    if (nearest) return nearest;
  }
  return null;
}
