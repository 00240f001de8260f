import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DataFolder } from '../data-folder.ts';
import type { Store } from '../parts.ts';
import type { EventLog } from './event-log.ts';

/** How many of the latest events are looked at: more cannot have waited for their clips at once. */
const LATEST = 500;

/**
 * Brings to an end what a service that was killed left: events under way, and clips and thumbnails
 * that were being made. What has its file by now has it.
 */
export function endUnfinished(store: Store, events: EventLog, folder: DataFolder): void {
  for (const { id, start, peak } of store.openEvents())
    events.update(id, { end: Math.max(start, peak.time) });
  for (const event of store.events({ limit: LATEST }).events) {
    const has = (file: string) => existsSync(join(folder.event(event.id), file));
    if (!event.thumbnail && has('thumbnail.jpg') && has('heatmap.png'))
      events.update(event.id, { thumbnail: true });
    if (event.kind === 'near miss' || event.clip || event.clipMissing !== null) continue;
    events.update(
      event.id,
      has('clip.mp4')
        ? { clip: true }
        : { clipMissing: 'the service was ended before it was made' },
    );
  }
}
