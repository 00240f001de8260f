import type { EventGroup } from '../../../src/service/contract/inbox.ts';
import { duration } from '../format/time.ts';

/** `4 times, every 6 min`; null for one event alone. */
export function repeatWords({ events, every }: EventGroup): string | null {
  if (events.length < 2 || every === null) return null;
  return `${events.length} times, every ${duration(every)}`;
}

/** How far a row is swept before it judges, in pixels. */
export const SWIPE = 84;

/** What a sweep to the side says: to the right real, to the left normal. */
export const swiped = (dx: number): 'real' | 'normal' | null =>
  dx >= SWIPE ? 'real' : dx <= -SWIPE ? 'normal' : null;
