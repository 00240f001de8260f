import type { Store } from '../parts.ts';
import type { EventLog } from './event-log.ts';

/** How many of the latest events are looked at: more cannot have waited for their clips at once. */
const LATEST = 500;

/**
 * Brings to an end what a service that was killed left: events under way, and clips that were being
 * made. What has its files is in the rows by now.
 */
export function endUnfinished(store: Pick<Store, 'openEvents' | 'events'>, events: EventLog): void {
  for (const { id, start, peak } of store.openEvents())
    events.update(id, { end: Math.max(start, peak.time) });
  for (const { id, clip, clipMissing } of store.events({ kind: 'alarm', limit: LATEST }).events)
    if (!clip && clipMissing === null)
      events.update(id, { clipMissing: 'the service was ended before it was made' });
}
