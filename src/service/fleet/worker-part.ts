import type { Logger } from 'pino';
import { UnknownCase } from '../../errors.ts';
import type { Cameras } from '../camera/cameras.ts';
import type { AnomalyEvent } from '../contract/event.ts';
import type { ServiceFiles } from '../files/stored-files.ts';
import { CannotStore, type Store, type WorkerOrder } from '../parts.ts';
import { Capacity } from './capacity.ts';
import { Leases, type Member } from './leases.ts';

export interface WorkerPartOptions {
  /** Address of the database. */
  readonly database: string;
  readonly member: Member;
  /** Cameras that it takes at most; null: its share. */
  readonly most: number | null;
  /** Frames a second that this machine scores, as measured. */
  readonly capacity: number;
  readonly renew: number | undefined;
  readonly cameras: Cameras;
  readonly store: Pick<Store, 'event' | 'updateEvent' | 'oddMinutes'>;
  readonly orders: { of(worker: string): WorkerOrder[]; done(number: number): void };
  readonly writeUnder: (epochs: ReadonlyMap<string, number>) => void;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly files: Pick<ServiceFiles, 'take' | 'release'>;
}

export interface WorkerPartListener {
  /** What a verdict did is known. */
  onEvent(event: AnomalyEvent): void;
  /** Settings, snoozes or profiles were changed by a server. */
  onSettings(): void;
  /** Why the database does not answer; undefined when it does again. */
  onTrouble(reason: string | undefined): void;
}

/** Seconds between two looks at what is waiting, where no notification came. */
const LOOK = 5;

/** A worker's part in the fleet: the cameras that it has a lease of live here, and no other. */
export class WorkerPart {
  readonly #options: WorkerPartOptions;
  readonly #listener: WorkerPartListener;
  readonly #leases: Leases;
  readonly #capacity: Capacity;
  /** Gained, but the database gave no answer when they were to be taken up. */
  readonly #waiting = new Set<string>();
  #seconds = 0;

  constructor(options: WorkerPartOptions, listener: WorkerPartListener) {
    this.#options = options;
    this.#listener = listener;
    this.#capacity = new Capacity(options.capacity);
    const { database, member, most, renew, cameras, writeUnder, logger } = options;
    this.#leases = new Leases(
      { database, member, most, renew, load: () => this.#load() },
      {
        onEpochs: writeUnder,
        onGained: (id) => {
          logger.info({ camera: id }, 'camera taken');
          void options.files.take(id).then(() => {
            if (!this.#leases.held.has(id)) return;
            this.#waiting.add(id);
            this.#takeUp();
          });
        },
        onEnd: (id, lost) => {
          logger.info({ camera: id, lost }, 'camera given up');
          this.#waiting.delete(id);
          return cameras.release(id).finally(() => options.files.release(id));
        },
        onWake: (what) => this.#wake(what),
        onTrouble: (reason) => {
          if (reason !== undefined) logger.warn({ reason }, 'database not reached');
          listener.onTrouble(reason);
        },
      },
    );
  }

  start(): void {
    this.#leases.start();
  }

  /** Gives its cameras back, so that others take them up at once. */
  stop(): Promise<void> {
    return this.#leases.stop();
  }

  /** Called once a second. */
  tick(): void {
    this.#takeUp();
    this.#seconds += 1;
    if (this.#seconds % LOOK !== 0) return;
    this.#listener.onSettings();
    this.#doOrders();
  }

  #wake(what: string): void {
    if (what === 'settings') this.#listener.onSettings();
    if (what === 'orders') this.#doOrders();
  }

  #load() {
    const { cameras } = this.#options;
    const known = cameras.paces.filter((pace) => pace.scored !== undefined);
    const expected = known.reduce((sum, pace) => sum + pace.expected, 0);
    const scored = known.reduce((sum, pace) => sum + pace.scored!, 0);
    this.#capacity.see({ expected, scored });
    const { framesPerSecond: capacity } = this.#capacity;
    const lags = cameras.paces.flatMap(({ lag: of }) => of ?? []);
    return { capacity, load: scored / capacity, lag: lags.length > 0 ? Math.max(...lags) : null };
  }

  #takeUp(): void {
    for (const id of this.#waiting)
      try {
        this.#options.cameras.adopt(id);
        this.#waiting.delete(id);
      } catch (error) {
        if (!(error instanceof CannotStore)) throw error;
        return;
      }
  }

  #doOrders(): void {
    const { orders, member } = this.#options;
    try {
      for (const order of orders.of(member.id)) {
        // One of a camera that is still to be taken up waits with it.
        if (!this.#options.cameras.ids.includes(order.camera)) continue;
        this.#do(order);
        orders.done(order.number);
      }
    } catch (error) {
      if (!(error instanceof CannotStore)) throw error;
    }
  }

  #do({ kind, camera, subject }: WorkerOrder): void {
    const { store, cameras } = this.#options;
    switch (kind) {
      case 'judged': {
        const judged = store.event(subject);
        if (!judged) return;
        const event = store.updateEvent(subject, { effect: cameras.judged(judged) });
        if (event) this.#listener.onEvent(event);
        return;
      }
      case 'odd minute judged': {
        const odd = store.oddMinutes(camera).find(({ id }) => id === subject);
        if (odd) cameras.oddMinuteJudged(camera, subject, odd.verdict);
        return;
      }
      case 'dismissed':
        cameras.dismissed({ camera, id: subject });
        return;
      default:
        throw new UnknownCase(kind satisfies never);
    }
  }
}
