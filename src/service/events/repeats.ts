import { isLikeEvent, type Signature } from '../../scoring/budget/verdict-memory.ts';
import type { AnomalyEvent } from '../contract/event.ts';
import type { EventGroup } from '../contract/inbox.ts';

/** Milliseconds between two events of one group at most. */
const LONGEST_GAP = 2 * 3_600_000;

/** Least overlap of regions, as a share of their union, that counts as one place. */
const SAME_PLACE = 0.3;

/** An event with its signatures. */
export interface SignedEvent {
  readonly event: AnomalyEvent;
  readonly signatures: readonly Signature[];
}

/**
 * Whether one event repeats another: of the same camera, and alike by their signatures. Without
 * signatures, by cause and place.
 * @param margin how much higher than the other's peak its own may be
 */
export function repeats(one: SignedEvent, other: SignedEvent, margin: number): boolean {
  if (one.event.camera !== other.event.camera) return false;
  if (one.signatures.length > 0 && other.signatures.length > 0)
    return isLikeEvent(one, other, margin);
  if (one.event.cause !== other.event.cause) return false;
  const [a] = one.event.regions;
  const [b] = other.event.regions;
  return a !== undefined && b !== undefined && overlap(a, b) >= SAME_PLACE;
}

/** Folds events that repeat each other. @param events the latest first */
export function foldRepeats(
  events: readonly SignedEvent[],
  margin: (camera: string) => number,
): EventGroup[] {
  const groups: SignedEvent[][] = [];
  for (const signed of events) {
    const { event } = signed;
    const own = groups.find((group) => {
      const earliest = group.at(-1)!;
      const near = earliest.event.start - event.start <= LONGEST_GAP;
      if (!near || event.kind !== earliest.event.kind) return false;
      const allowed = margin(event.camera);
      return repeats(signed, earliest, allowed) && repeats(earliest, signed, allowed);
    });
    if (own) own.push(signed);
    else groups.push([signed]);
  }
  return groups.map((group) => ({
    latest: group[0]!.event,
    events: group.map(({ event }) => event.id),
    every: medianGap(group.map(({ event }) => event.start)),
    since: group.at(-1)!.event.start,
  }));
}

/** @param starts the latest first */
function medianGap(starts: readonly number[]): number | null {
  const gaps = starts.slice(1).map((start, i) => starts[i]! - start);
  return gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? null;
}

type Box = AnomalyEvent['regions'][number];

function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const both = width * height;
  return both / (a.width * a.height + b.width * b.height - both);
}
