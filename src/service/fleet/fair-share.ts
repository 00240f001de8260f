/** A worker that takes cameras. */
export interface Taker {
  readonly id: string;
  /** What it can score, in any unit that all share. */
  readonly capacity: number;
  /** Cameras that it takes at most; null: any number. */
  readonly most: number | null;
}

/**
 * How many of `cameras` a worker should have: in proportion to what it can score, and what some may not
 * take goes to the others. Between the two it keeps what it has, so that nothing moves to and fro.
 */
export function fairShare(
  cameras: number,
  takers: readonly Taker[],
  id: string,
): { readonly least: number; readonly most: number } {
  const share = shares(cameras, takers).get(id) ?? 0;
  // A sum of thirds is no whole number.
  const whole = Math.round(share);
  const exact = Math.abs(share - whole) < 1e-6 ? whole : share;
  return { least: Math.floor(exact), most: Math.ceil(exact) };
}

function shares(cameras: number, takers: readonly Taker[]): Map<string, number> {
  const found = new Map<string, number>();
  let left = cameras;
  let open = [...takers];
  while (open.length > 0) {
    const sum = open.reduce((all, { capacity }) => all + capacity, 0);
    const share = (taker: Taker) => (sum > 0 ? (left * taker.capacity) / sum : left / open.length);
    const full = open.filter((taker) => taker.most !== null && share(taker) > taker.most);
    const settled = full.length > 0 ? full : open;
    const given = settled.map(
      (taker) =>
        [taker.id, Math.min(share(taker), taker.most ?? Number.POSITIVE_INFINITY)] as const,
    );
    for (const [id, amount] of given) {
      found.set(id, amount);
      left -= amount;
    }
    open = open.filter((taker) => !settled.includes(taker));
  }
  return found;
}
