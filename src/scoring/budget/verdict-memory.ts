/** Features of an event at its worst place. Plain JSON. */
export interface Signature {
  /** Centre of the place, as shares of the picture's width and height. */
  readonly x: number;
  readonly y: number;
  /** Features of the model there; their scale does not matter. */
  readonly features: readonly number[];
  readonly score: number;
}

/** An event that was judged normal. Plain JSON. */
export interface RememberedEvent {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Of some of its frames above the threshold. */
  readonly signatures: readonly Signature[];
}

/** Largest distance within one place, as a share of the picture. */
const SAME_PLACE = 0.15;

/** Least radius of similarity (1 - cosine), for events that hardly change. */
const LEAST_RADIUS = 0.05;

/** Largest radius of similarity, for events that change a lot. */
const MOST_RADIUS = 0.3;

/** Most signatures per event, and most events. */
const SIGNATURES = 12;
const EVENTS = 200;

/**
 * Remembers events judged normal until the next learning: something that looks and moves like one at the
 * same place becomes a near miss instead of an alarm. A much higher score still alarms.
 */
export class VerdictMemory {
  readonly #events: Map<string, RememberedEvent>;

  constructor(events: readonly RememberedEvent[] = []) {
    this.#events = new Map(events.map((event) => [event.id, event]));
  }

  /** Plain JSON. */
  get events(): readonly RememberedEvent[] {
    return [...this.#events.values()];
  }

  /** Adds an event that was judged normal; ignored without signatures. */
  remember(event: RememberedEvent): void {
    if (event.signatures.length === 0) return;
    const step = Math.max(1, event.signatures.length / SIGNATURES);
    const count = Math.min(SIGNATURES, event.signatures.length);
    const signatures = Array.from(
      { length: count },
      (_, i) => event.signatures[Math.floor(i * step)]!,
    );
    const highest = event.signatures.reduce((a, b) => (b.score > a.score ? b : a));
    this.#events.delete(event.id);
    this.#events.set(event.id, { ...event, signatures: [...new Set([...signatures, highest])] });
    for (const id of this.#events.keys()) if (this.#events.size > EVENTS) this.#events.delete(id);
  }

  /** Removes an event whose verdict was withdrawn. */
  forget(id: string): void {
    this.#events.delete(id);
  }

  /**
   * The latest similar event that was judged normal.
   * @param margin how far a score may exceed that event's peak
   */
  find(seen: Signature, margin: number): RememberedEvent | undefined {
    return this.events.findLast((event) => isLike(seen, event, margin));
  }
}

/**
 * Whether an event is like another, by the rule for new scores applied to its highest signature.
 * @param margin how far its peak may exceed the other's
 */
export function isLikeEvent(
  event: Pick<RememberedEvent, 'signatures'>,
  other: Pick<RememberedEvent, 'signatures'>,
  margin: number,
): boolean {
  if (event.signatures.length === 0 || other.signatures.length === 0) return false;
  const highest = event.signatures.reduce((a, b) => (b.score > a.score ? b : a));
  return isLike(highest, other, margin);
}

function isLike(
  seen: Signature,
  { signatures }: Pick<RememberedEvent, 'signatures'>,
  margin: number,
): boolean {
  const peak = Math.max(...signatures.map(({ score }) => score));
  if (seen.score > peak + margin) return false;
  const near = signatures.filter(({ x, y }) => Math.hypot(x - seen.x, y - seen.y) <= SAME_PLACE);
  const radius = radiusOf(signatures);
  return near.some(({ features }) => distance(features, seen.features) <= radius);
}

/** Median distance between an event's consecutive signatures. */
function radiusOf(signatures: readonly Signature[]): number {
  const steps = signatures
    .slice(1)
    .map(({ features }, i) => distance(features, signatures[i]!.features))
    .sort((a, b) => a - b);
  const usual = steps[steps.length >> 1] ?? 0;
  return Math.min(MOST_RADIUS, Math.max(LEAST_RADIUS, usual));
}

/** 1 - cosine; 1 if either vector is zero. */
function distance(a: readonly number[], b: readonly number[]): number {
  let [product, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * (b[i] ?? 0);
    ofA += a[i]! ** 2;
    ofB += (b[i] ?? 0) ** 2;
  }
  return ofA > 0 && ofB > 0 ? 1 - product / Math.sqrt(ofA * ofB) : 1;
}
