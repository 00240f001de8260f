import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { version } from '../../version.ts';
import type { Identity } from '../access/access.ts';
import type { Announcer } from '../announcer/announcer.ts';
import type { Cameras } from '../camera/cameras.ts';
import type { FleetMember } from '../contract/fleet.ts';
import { ifRoom } from '../disk/if-room.ts';
import type { ServiceFiles } from '../files/stored-files.ts';
import type { FleetOptions, FleetStore } from './opened-store.ts';
import type { RemoteCameras } from './remote-cameras.ts';
import { ServerPart } from './server-part.ts';
import { WorkerPart } from './worker-part.ts';

/** Milliseconds of events that may have been missed, and how many are shown again at most. */
const MISSED = 600_000;
const MOST_MISSED = 100;

export interface MembershipOptions {
  readonly fleet: FleetOptions;
  readonly opened: FleetStore;
  /** A worker's, or a server's. */
  readonly cameras: Cameras | RemoteCameras;
  readonly announcer: Announcer;
  readonly logger: Logger;
  readonly files: Pick<ServiceFiles, 'take' | 'release'>;
}

export interface MembershipListener {
  /** Settings, snoozes or profiles may have been changed by another program. */
  onSettings(): void;
  /** Something waits to be sent. */
  onOutbox(): void;
  /** Whether this server is the one that sends; settles when the former state is over. */
  onAnnouncing(announces: boolean): Promise<void>;
}

/** What a service has to do with the fleet; nobody but itself until it has joined. */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #listener: MembershipListener;
  #part: WorkerPart | ServerPart | undefined;

  constructor(options: MembershipOptions, listener: MembershipListener) {
    this.#options = options;
    this.#listener = listener;
  }

  /**
   * Takes part: from now on a worker takes cameras, and a server hears workers.
   * @param address where the others reach this program
   */
  join(address: string): void {
    const { fleet, opened } = this.#options;
    const { kind, name } = fleet;
    const member = { id: opened.member, name, kind, address, version };
    this.#part = kind === 'worker' ? this.#worker(member) : this.#server(member);
    this.#part.start();
  }

  /** Takes part no more: its cameras end here, and others take them up. */
  async leave(): Promise<void> {
    await this.#part?.stop();
  }

  /** Called once a second. */
  tick(): void {
    this.#part?.tick();
    const { notices } = this.#options.announcer;
    if (this.#part instanceof ServerPart) notices.set('fleet', ...this.#part.notices);
  }

  /** Whether any worker takes cameras. */
  get anyWorkers(): boolean {
    return this.#part instanceof ServerPart && this.#part.anyWorkers;
  }

  members(): FleetMember[] {
    return this.#part instanceof ServerPart ? this.#part.members() : [];
  }

  /** @returns whether there is such a worker */
  async drain(id: string, draining: boolean): Promise<boolean> {
    return this.#part instanceof ServerPart && this.#part.drain(id, draining);
  }

  /** Lets the worker of a camera answer. @returns whether one did */
  async forward(
    camera: string,
    call: { request: FastifyRequest; reply: FastifyReply; identity: Identity },
  ): Promise<boolean> {
    return this.#part instanceof ServerPart && this.#part.forward(camera, call);
  }

  /** Pages that are open missed what a worker said while it was not heard. */
  #catchUp(cameras: readonly string[]): void {
    const { announcer, opened } = this.#options;
    const filter = { camera: cameras.join(','), from: Date.now() - MISSED, limit: MOST_MISSED };
    ifRoom(() => {
      for (const event of opened.store.events(filter).events.toReversed()) announcer.shown(event);
    });
  }

  readonly #onTrouble = (reason: string | undefined): void => {
    const lines = reason === undefined ? [] : [`The database is not reached: ${reason}`];
    this.#options.announcer.notices.set('database', ...lines);
  };

  #worker(member: ConstructorParameters<typeof WorkerPart>[0]['member']): WorkerPart {
    const { fleet, opened, cameras, announcer, logger } = this.#options;
    const { most = null, capacity = 1, database, renew } = fleet;
    const { store, orders, writeUnder } = opened;
    return new WorkerPart(
      {
        ...{ database, member, most, capacity, renew, store, writeUnder, logger },
        orders: orders!,
        files: this.#options.files,
        cameras: cameras as Cameras,
      },
      {
        onTrouble: this.#onTrouble,
        onSettings: () => this.#listener.onSettings(),
        onEvent: (event) => announcer.event(event),
      },
    );
  }

  #server(member: ConstructorParameters<typeof ServerPart>[0]['member']): ServerPart {
    const { fleet, opened, cameras, announcer, logger } = this.#options;
    const { database, renew } = fleet;
    const { secret } = opened;
    return new ServerPart(
      { database, member, secret, renew, logger, cameras: cameras as RemoteCameras },
      {
        onTrouble: this.#onTrouble,
        onSettings: () => this.#listener.onSettings(),
        onOutbox: () => this.#listener.onOutbox(),
        onAnnouncing: (announces) => this.#listener.onAnnouncing(announces),
        onEvent: (event) => announcer.event(event),
        onScore: (score) => announcer.score(score),
        onHeard: (held) => this.#catchUp(held),
        onEventRemoved: (event) => announcer.eventRemoved(event),
        onCameraRemoved: (camera) => announcer.cameraGone(camera),
        onNotices: (worker, lines) =>
          announcer.notices.set(`worker ${worker}`, ...lines.map((line) => `${worker}: ${line}`)),
      },
    );
  }
}
