import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { UnknownCase } from '../../errors.ts';
import type { Identity } from '../access/access.ts';
import type { CameraStatus } from '../contract/camera.ts';
import type { AnomalyEvent } from '../contract/event.ts';
import type { FleetMember } from '../contract/fleet.ts';
import type { LiveMessage, LiveScore } from '../contract/live.ts';
import { Leases, type Member, type SeenMember } from './leases.ts';
import type { RemoteCameras } from './remote-cameras.ts';
import { Workers } from './workers.ts';

export interface ServerPartOptions {
  /** Address of the database. */
  readonly database: string;
  readonly member: Member;
  /** What servers and workers know each other by. */
  readonly secret: string;
  readonly renew: number | undefined;
  readonly cameras: RemoteCameras;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

export interface ServerPartListener {
  onScore(score: LiveScore): void;
  onEvent(event: AnomalyEvent): void;
  onEventRemoved(id: string): void;
  /** What happened at these cameras of late may have been missed. */
  onHeard(cameras: readonly string[]): void;
  /** A worker removed a camera, and has announced that. */
  onCameraRemoved(id: string): void;
  onNotices(worker: string, lines: readonly string[]): void;
  /** Whether this server is the one that sends; settles when the former state is over. */
  onAnnouncing(announces: boolean): Promise<void>;
  onSettings(): void;
  /** Something waits to be sent. */
  onOutbox(): void;
  onTrouble(reason: string | undefined): void;
}

/** Milliseconds that a clock may be off before that is worth a line. */
const CLOCK_OFF = 5000;

/** Seconds between two looks at what other servers changed, where no notification came. */
const LOOK = 10;

/** A server's part in the fleet: it hears the workers, and is the one that sends while it has that lease. */
export class ServerPart {
  readonly #options: ServerPartOptions;
  readonly #listener: ServerPartListener;
  readonly #leases: Leases;
  readonly #workers: Workers;
  #announcing: Promise<void> = Promise.resolve();
  #seconds = 0;

  constructor(options: ServerPartOptions, listener: ServerPartListener) {
    this.#options = options;
    this.#listener = listener;
    const { database, member, secret, renew, cameras, logger } = options;
    this.#leases = new Leases(
      { database, member, most: null, renew, load: () => ({ capacity: 0, load: 0, lag: null }) },
      {
        // A server writes rows of any camera: what people say of it.
        onEpochs: () => undefined,
        onGained: () => this.#announce(true),
        onEnd: () => this.#announce(false),
        onWake: (what) => this.#wake(what),
        onTrouble: (reason) => {
          if (reason !== undefined) logger.warn({ reason }, 'database not reached');
          listener.onTrouble(reason);
        },
      },
    );
    this.#workers = new Workers({
      members: () => this.#leases.members(),
      secret,
      onMessage: (message, worker) => this.#hear(message, worker),
      onConnected: ({ held }) => listener.onHeard(held),
      onHeld: (held, heard) => cameras.setHeld(held, heard),
    });
  }

  start(): void {
    this.#options.cameras.reread();
    this.#leases.start();
    this.#workers.start();
  }

  async stop(): Promise<void> {
    this.#workers.stop();
    await this.#leases.stop();
    await this.#announcing;
  }

  /** Called once a second. */
  tick(): void {
    this.#seconds += 1;
    if (this.#seconds % LOOK !== 0) return;
    this.#options.cameras.reread();
    this.#listener.onSettings();
  }

  get anyWorkers(): boolean {
    return this.#workers.any;
  }

  members(): FleetMember[] {
    return this.#workers.members();
  }

  /** What a person should know of the members, one line each. */
  get notices(): readonly string[] {
    return this.members()
      .filter(({ clockOff }) => Math.abs(clockOff) > CLOCK_OFF)
      .map(
        ({ name, clockOff }) =>
          `The clock of ${name} is ${Math.round(Math.abs(clockOff) / 1000)} s ${clockOff > 0 ? 'ahead' : 'behind'}: its events have wrong times; set it by NTP`,
      );
  }

  async drain(id: string, draining: boolean): Promise<boolean> {
    if (!this.members().some((member) => member.id === id && member.kind === 'worker'))
      return false;
    await this.#leases.drain(id, draining);
    this.#workers.look();
    return true;
  }

  readonly forward = (
    camera: string,
    call: { request: FastifyRequest; reply: FastifyReply; identity: Identity },
  ): Promise<boolean> => this.#workers.forward(camera, call);

  #announce(announces: boolean): Promise<void> {
    this.#options.logger.info({ announces }, 'announcing');
    this.#announcing = this.#announcing.then(() => this.#listener.onAnnouncing(announces));
    return this.#announcing;
  }

  #wake(what: string): void {
    if (what === 'settings') this.#listener.onSettings();
    if (what === 'outbox') this.#listener.onOutbox();
    if (what === 'cameras') this.#options.cameras.reread();
    if (what === 'leases' || what === 'workers') this.#workers.look();
  }

  #hear(message: LiveMessage, { name }: SeenMember): void {
    const { cameras } = this.#options;
    const listener = this.#listener;
    switch (message.name) {
      case 'score':
        cameras.hearAlarm(message.data.camera, message.data.alarm);
        listener.onScore(message.data);
        return;
      case 'camera':
        cameras.hear(message.data satisfies CameraStatus);
        return;
      case 'camera removed':
        cameras.hearRemoved(message.data.id);
        listener.onCameraRemoved(message.data.id);
        return;
      case 'event':
        listener.onEvent(message.data);
        return;
      case 'event removed':
        listener.onEventRemoved(message.data.id);
        return;
      case 'notices':
        listener.onNotices(name, message.data);
        return;
      case 'profile':
        return;
      default:
        throw new UnknownCase(message satisfies never);
    }
  }
}
