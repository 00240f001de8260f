import type { Store } from '../parts.ts';
import type { EventLog } from './event-log.ts';

/** How many of the latest events are looked at: more cannot have waited for their clips at once. */
const LATEST = 500;

/**
 * Brings to an end what a service that was killed left: events under way, and clips that were being
 * made. What has its files is in the rows by now.
 * @param camera of one alone, whose worker was lost
 */
export function endUnfinished(
  store: Pick<Store, 'openEvents' | 'events'>,
  events: EventLog,
  camera?: string,
): void {
  for (const { id, camera: of, start, peak } of store.openEvents())
    if (of === (camera ?? of)) events.update(id, { end: Math.max(start, peak.time) });
  const latest = store.events({ kind: 'alarm', limit: LATEST, camera }).events;
  for (const { id, clip, clipMissing } of latest)
    if (!clip && clipMissing === null)
      events.update(id, { clipMissing: 'the service was ended before it was made' });
}
