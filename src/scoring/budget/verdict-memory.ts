/** What something odd looked like and how it moved, where it was worst. Plain JSON. */
export interface Signature {
  /** Middle of the place, as shares of the picture's width and height. */
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
  /** Of some of its frames, those above the threshold. */
  readonly signatures: readonly Signature[];
}

/** Places that are further apart than this share of the picture are different ones. */
const SAME_PLACE = 0.15;

/** Features at most this far apart (1 - cosine) are alike, even where an event hardly changed. */
const LEAST_RADIUS = 0.05;

/** Beyond this nothing is alike, however much an event changed. */
const MOST_RADIUS = 0.3;

/** Signatures kept of an event, and events in all. */
const SIGNATURES = 12;
const EVENTS = 200;

/**
 * Remembers what was judged normal, until the next learning: something that looks and moves like it, at
 * that place, is a near miss and no alarm. Something much odder than it was still alarms.
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

  /** An event was judged normal. Without signatures there is nothing to remember. */
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

  /** The verdict was taken back. */
  forget(id: string): void {
    this.#events.delete(id);
  }

  /**
   * The latest event judged normal that something is like.
   * @param margin how much higher than that event's peak its score may be
   */
  find(seen: Signature, margin: number): RememberedEvent | undefined {
    return this.events.findLast((event) => isLike(seen, event, margin));
  }
}

/**
 * Whether one event is like another: its highest signature is, by the same rule as a new score is.
 * @param margin how much higher than the other's peak its own may be
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

/** As far as an event's own pictures were from their neighbours, in the median. */
function radiusOf(signatures: readonly Signature[]): number {
  const steps = signatures
    .slice(1)
    .map(({ features }, i) => distance(features, signatures[i]!.features))
    .sort((a, b) => a - b);
  const usual = steps[steps.length >> 1] ?? 0;
  return Math.min(MOST_RADIUS, Math.max(LEAST_RADIUS, usual));
}

/** 1 - cosine; 1 where either has no direction. */
function distance(a: readonly number[], b: readonly number[]): number {
  let [product, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * (b[i] ?? 0);
    ofA += a[i]! ** 2;
    ofB += (b[i] ?? 0) ** 2;
  }
  return ofA > 0 && ofB > 0 ? 1 - product / Math.sqrt(ofA * ofB) : 1;
}
