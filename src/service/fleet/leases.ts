import pg from 'pg';
import { fairShare, type Taker } from './fair-share.ts';
import { ANNOUNCING, statements } from './lease-statements.ts';

/** Milliseconds between two renewals. */
const RENEW = 5000;

/** Renewals that a lease outlasts in the database, and after how many without an answer it counts as lost here. */
const HOLDS = 3;
const GIVE_UP = 2;

/** Cameras that are claimed at once: who joins at the same time has its turn in between. */
const CLAIMED = 8;

/** Milliseconds that a statement may take. */
const PATIENCE = 3000;

/** A program of the fleet. */
export interface Member {
  /** Another at each start. */
  readonly id: string;
  /** What a person calls it. */
  readonly name: string;
  readonly kind: 'server' | 'worker';
  /** Where others reach it. */
  readonly address: string;
  readonly version: string;
}

/** How a worker does. */
export interface MemberLoad {
  /** Frames a second that it can score. */
  readonly capacity: number;
  /** The share of that which it scores. */
  readonly load: number;
  /** Milliseconds from a frame to its score; null where nothing is scored. */
  readonly lag: number | null;
}

/** A member as all others see it. */
export interface SeenMember extends Member, MemberLoad {
  readonly most: number | null;
  readonly draining: boolean;
  /** Milliseconds that its clock is before the database's. */
  readonly clockOff: number;
  readonly started: number;
  /** Cameras that it has, and `/announcing`. */
  readonly held: readonly string[];
}

export interface LeaseListener {
  /** Rows of these may be written from now on, and of no other. */
  onEpochs(epochs: ReadonlyMap<string, number>): void;
  onGained(subject: string): void;
  /**
   * Ends what is done for a subject; settles when it is over.
   * @param lost whether it may be another's already; else its last writes still count
   */
  onEnd(subject: string, lost: boolean): Promise<void>;
  /** Something was changed by another member. */
  onWake(what: string): void;
  /** Why the database does not answer; undefined when it does again. */
  onTrouble(reason: string | undefined): void;
}

export interface LeasesOptions {
  /** Of the database. */
  readonly database: string;
  readonly member: Member;
  /** Cameras that it takes at most; null: its share. */
  readonly most: number | null;
  readonly load: () => MemberLoad;
  /** Milliseconds between two renewals, of which a lease outlasts three; default 5000. */
  readonly renew?: number | undefined;
}

/**
 * What this member has of the fleet: it says that it lives, renews its leases, and claims or gives back
 * until it has its fair share. By a connection of its own, which nothing else may keep busy.
 */
export class Leases {
  readonly #options: LeasesOptions & { readonly renew: number };
  readonly #listener: LeaseListener;
  readonly #held = new Map<string, number>();
  /** Subjects whose end is under way: not claimed again before. */
  readonly #ending = new Map<string, Promise<void>>();
  #client: pg.Client | undefined;
  #connecting: Promise<pg.Client> | undefined;
  #renewed = Number.NEGATIVE_INFINITY;
  #round: Promise<void> | undefined;
  #again = false;
  #timers: NodeJS.Timeout[] = [];
  #draining = false;
  #clockOff = 0;
  #trouble: string | undefined;
  #stopped = false;
  #stopping: Promise<void> | undefined;

  constructor(options: LeasesOptions, listener: LeaseListener) {
    this.#options = { ...options, renew: options.renew ?? RENEW };
    this.#listener = listener;
  }

  get held(): ReadonlyMap<string, number> {
    return this.#held;
  }

  /** Milliseconds that the clock of this machine is before the database's. */
  get clockOff(): number {
    return this.#clockOff;
  }

  start(): void {
    this.#timers = [
      setInterval(() => this.look(), this.#options.renew),
      setInterval(() => this.#watchClock(), this.#options.renew / 20),
    ];
    this.look();
  }

  /** Looks at once. */
  look(): void {
    if (this.#stopped) return;
    if (this.#round) {
      this.#again = true;
      return;
    }
    this.#round = this.#renewAndBalance()
      .then(() => this.#answers(undefined))
      .catch((error: Error) => this.#answers(error.message))
      .finally(() => {
        this.#round = undefined;
        if (!this.#again) return;
        this.#again = false;
        this.look();
      });
  }

  /** Seconds. */
  get #holds(): number {
    return (HOLDS * this.#options.renew) / 1000;
  }

  async members(): Promise<SeenMember[]> {
    return this.#ask<SeenMember>(statements.members);
  }

  /** Asks a member to give up its cameras, or to take some again. */
  async drain(id: string, draining: boolean): Promise<void> {
    await this.#ask(statements.drain, [id, draining]);
    await this.#wakeOthers('workers');
  }

  async #wakeOthers(what: string): Promise<void> {
    await this.#ask(statements.wake, [what]);
  }

  /** Gives back all that it has; each ends first, so that its last writes count. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#stopped = true;
    await this.#round;
    try {
      await this.#giveBack([...this.#held.keys()]);
      await Promise.all(this.#ending.values());
      await this.#ask(statements.leave, [this.#options.member.id]);
    } catch {
      // Its leases end by themselves.
    }
    await this.#client?.end().catch(() => undefined);
  }

  async #renewAndBalance(): Promise<void> {
    const { member, most, load } = this.#options;
    const begun = performance.now();
    const { capacity, load: share, lag } = load();
    const [told] = await this.#ask<{ draining: boolean; now: number }>(statements.live, [
      ...[this.#holds, member.id, member.name, member.kind, member.address, member.version, most],
      ...[capacity, share, lag, this.#clockOff],
    ]);
    this.#clockOff = Date.now() - told!.now;
    this.#draining = told!.draining;
    if (this.#held.size > 0) await this.#renew();
    this.#renewed = begun;
    if (member.kind === 'server') {
      if (!this.#held.has(ANNOUNCING)) await this.#claim(1);
      return;
    }
    await this.#balance();
  }

  async #renew(): Promise<void> {
    const asked = new Map(this.#held);
    const rows = await this.#ask<{ subject: string }>(statements.renew, [
      this.#holds,
      this.#options.member.id,
      [...asked.keys()],
      [...asked.values()],
    ]);
    const renewed = new Set(rows.map(({ subject }) => subject));
    for (const [subject, epoch] of asked)
      if (!renewed.has(subject) && this.#held.get(subject) === epoch) this.#lose(subject);
  }

  async #balance(): Promise<void> {
    const { member } = this.#options;
    if (this.#draining) {
      await this.#giveBack([...this.#held.keys()]);
      return;
    }
    const [all] = await this.#ask<{ count: number }>(statements.cameras);
    const takers = await this.#ask<Taker>(statements.takers);
    const { most } = fairShare(all!.count, takers, member.id);
    const kept = [...this.#held.keys()].filter((subject) => !this.#ending.has(subject));
    if (kept.length < most) await this.#claim(most - kept.length);
    // One at a time: each is a break of some seconds for its camera.
    else if (kept.length > most && this.#ending.size === 0) await this.#giveBack(kept.slice(-1));
  }

  async #claim(most: number): Promise<void> {
    const { member } = this.#options;
    const rows = await this.#ask<{ subject: string; epoch: string }>(statements.claim, [
      this.#holds,
      member.id,
      member.kind === 'server',
      Math.min(most, CLAIMED),
      [...this.#ending.keys()],
    ]);
    if (rows.length === 0) return;
    for (const { subject, epoch } of rows) this.#held.set(subject, Number(epoch));
    this.#listener.onEpochs(this.#held);
    for (const { subject } of rows) this.#listener.onGained(subject);
    await this.#wakeOthers('leases');
  }

  async #giveBack(subjects: readonly string[]): Promise<void> {
    const ends = subjects
      .filter((subject) => !this.#ending.has(subject))
      .map((subject) => this.#end(subject, false));
    if (ends.length === 0) return;
    const over = Promise.all(ends).then(async () => {
      const given = subjects.flatMap((subject) => {
        const epoch = this.#held.get(subject);
        this.#held.delete(subject);
        return epoch === undefined ? [] : [[subject, epoch] as const];
      });
      this.#listener.onEpochs(this.#held);
      await this.#ask(statements.giveBack, [
        this.#options.member.id,
        given.map(([subject]) => subject),
        given.map(([, epoch]) => epoch),
      ]);
      await this.#wakeOthers('leases');
    });
    // Renewals go on meanwhile: the end of a camera may take some seconds.
    const quiet = over.catch(() => undefined);
    for (const subject of subjects) this.#ending.set(subject, quiet);
    void quiet.finally(() => {
      for (const subject of subjects) this.#ending.delete(subject);
    });
    if (this.#stopped) await over;
  }

  #lose(subject: string): void {
    this.#held.delete(subject);
    this.#listener.onEpochs(this.#held);
    if (this.#ending.has(subject)) return;
    const over = this.#end(subject, true).finally(() => this.#ending.delete(subject));
    this.#ending.set(subject, over);
  }

  #end(subject: string, lost: boolean): Promise<void> {
    return this.#listener.onEnd(subject, lost).catch(() => undefined);
  }

  /** What was not renewed may be another's soon: it ends by our own clock, whatever others' say. */
  #watchClock(): void {
    if (this.#held.size === 0 || performance.now() - this.#renewed < GIVE_UP * this.#options.renew)
      return;
    for (const subject of [...this.#held.keys()]) this.#lose(subject);
  }

  #answers(trouble: string | undefined): void {
    if (trouble !== undefined) this.#disconnect();
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#listener.onTrouble(trouble);
  }

  async #ask<R>(text: string, values: unknown[] = []): Promise<R[]> {
    const client = await this.#connection();
    return (await client.query(text, values)).rows as R[];
  }

  /** One for all who ask at once. */
  #connection(): Promise<pg.Client> {
    if (this.#client) return Promise.resolve(this.#client);
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.#options.database,
      connectionTimeoutMillis: PATIENCE,
      query_timeout: PATIENCE,
      keepAlive: true,
      application_name: `m2s2l ${this.#options.member.name}`,
    });
    client.on('error', () => {
      if (this.#client === client) this.#disconnect();
    });
    client.on('notification', ({ payload = '' }) => {
      if (['leases', 'cameras', 'workers'].includes(payload)) this.look();
      this.#listener.onWake(payload);
    });
    try {
      await client.connect();
      await client.query('LISTEN m2s2l');
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
    this.#client = client;
    return client;
  }

  #disconnect(): void {
    const client = this.#client;
    this.#client = undefined;
    // It may not answer any more, so nobody waits for its goodbye.
    void client?.end().catch(() => undefined);
  }
}
