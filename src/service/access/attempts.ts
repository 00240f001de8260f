const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Failures in a row that cost nothing: people mistype. */
const FREE = 5;
const LONGEST_WAIT = 15 * MINUTE;
const FORGOTTEN_AFTER = 60 * MINUTE;
const FAILURES_A_MINUTE = 60;
const MAX_ADDRESSES = 10_000;

interface Address {
  readonly failures: number;
  readonly last: number;
}

/**
 * Holds up those who guess: an address waits twice as long after each failure, and all together may
 * fail so many times a minute.
 */
export class LoginAttempts {
  readonly #now: () => number;
  readonly #addresses = new Map<string, Address>();
  readonly #lastMinute: number[] = [];
  #failed = 0;

  /** @param now milliseconds of a monotonic clock: a wait by any other might never end */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Failures since the start. */
  get failed(): number {
    return this.#failed;
  }

  /** Milliseconds until this address may try again; 0: now. */
  wait(address: string): number {
    const now = this.#now();
    const { failures, last } = this.#addresses.get(network(address)) ?? { failures: 0, last: 0 };
    const own = failures < FREE ? 0 : Math.min(LONGEST_WAIT, SECOND * 2 ** (failures - FREE));
    const ownWait = Math.max(0, last + own - now);
    while (this.#lastMinute[0]! <= now - MINUTE) this.#lastMinute.shift();
    if (this.#lastMinute.length < FAILURES_A_MINUTE) return ownWait;
    return Math.max(ownWait, this.#lastMinute[0]! + MINUTE - now);
  }

  failure(address: string): void {
    const now = this.#now();
    const key = network(address);
    const before = this.#addresses.get(key);
    const failures = before && now - before.last < FORGOTTEN_AFTER ? before.failures : 0;
    this.#addresses.delete(key);
    this.#addresses.set(key, { failures: failures + 1, last: now });
    if (this.#addresses.size > MAX_ADDRESSES)
      this.#addresses.delete(this.#addresses.keys().next().value!);
    this.#lastMinute.push(now);
    this.#failed += 1;
  }

  success(address: string): void {
    this.#addresses.delete(network(address));
  }
}

/** Who has one IPv6 address has 2^64 of them. */
function network(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8;
  return [...groups, ...Array<string>(missing).fill('0')].slice(0, 4).join(':');
}
