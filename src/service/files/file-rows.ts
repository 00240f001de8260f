import type { AnomalyEvent } from '../contract/event.ts';
import type { Store } from '../parts.ts';

/** What the store says of files. */
export interface FileRows
  extends Pick<
    Store,
    'cameras' | 'updateEvent' | 'removeEvent' | 'footage' | 'removeFootage' | 'removeScores'
  > {
  /** Files and folders whose rows were removed, and which may not be gone yet. */
  removals(): ReadonlySet<string>;
  /** Files of rows that were removed before a time are gone. */
  forgetRemovals(before: number): void;
  /** What every event is said to have, by its id. */
  eventFiles(): Map<string, { readonly thumbnail: boolean; readonly clip: boolean }>;
  /** The oldest that still have a clip, the oldest first, those that are kept last. */
  eventsWithClip(limit: number): AnomalyEvent[];
  /** The oldest that still have a thumbnail, the oldest first, those that are kept last. */
  eventsWithThumbnail(limit: number): AnomalyEvent[];
  /** Near misses that nobody judged or marked, and that started before a time. */
  nearMissesBefore(time: number): AnomalyEvent[];
}
