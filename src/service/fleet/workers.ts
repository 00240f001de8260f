import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Identity } from '../access/access.ts';
import type { FleetMember } from '../contract/fleet.ts';
import type { LiveMessage } from '../contract/live.ts';
import { forward } from './forward.ts';
import { ANNOUNCING } from './lease-statements.ts';
import type { SeenMember } from './leases.ts';
import { WorkerLink } from './worker-link.ts';

/** Milliseconds between two looks at who lives. */
const LOOK = 2000;

export interface WorkersOptions {
  readonly members: () => Promise<SeenMember[]>;
  readonly secret: string;
  readonly onMessage: (message: LiveMessage, worker: SeenMember) => void;
  /** A worker is heard from now on; what it said before was missed. */
  readonly onConnected: (worker: SeenMember) => void;
  /** Cameras that workers have, and those of them whose workers can be heard. */
  readonly onHeld: (held: ReadonlySet<string>, heard: ReadonlySet<string>) => void;
}

interface Known {
  member: SeenMember;
  readonly link: WorkerLink | undefined;
  connected: boolean;
}

/** The members of the fleet as a server sees them: which worker has which camera, and a line to each. */
export class Workers {
  readonly #options: WorkersOptions;
  #known = new Map<string, Known>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(options: WorkersOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK);
    this.look();
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const { link } of this.#known.values()) link?.close();
    this.#known.clear();
  }

  /** Looks at once. */
  look(): void {
    this.#looking ??= this.#options
      .members()
      .then((members) => this.#take(members))
      // Workers go on while the database is away; their lines tell of that.
      .catch(() => undefined)
      .finally(() => {
        this.#looking = undefined;
      });
  }

  /** Whether any takes cameras. */
  get any(): boolean {
    return [...this.#known.values()].some(
      ({ member }) => member.kind === 'worker' && !member.draining,
    );
  }

  members(): FleetMember[] {
    return [...this.#known.values()].map(({ member, connected }) => ({
      id: member.id,
      name: member.name,
      kind: member.kind,
      version: member.version,
      started: member.started,
      capacity: member.kind === 'worker' ? member.capacity : null,
      load: member.kind === 'worker' ? member.load : null,
      lag: member.lag,
      most: member.most,
      draining: member.draining,
      clockOff: member.clockOff,
      reached: member.kind === 'server' || connected,
      announces: member.held.includes(ANNOUNCING),
      cameras: member.held.filter((subject) => subject !== ANNOUNCING),
    }));
  }

  /** Lets the worker of a camera answer. @returns whether there is one, and it could be reached */
  async forward(
    camera: string,
    call: { request: FastifyRequest; reply: FastifyReply; identity: Identity },
  ): Promise<boolean> {
    const worker = [...this.#known.values()].find(({ member }) => member.held.includes(camera));
    return worker ? forward(worker.member.address, this.#options.secret, call) : false;
  }

  #take(members: readonly SeenMember[]): void {
    if (this.#timer === undefined) return;
    const before = this.#known;
    this.#known = new Map(
      members.map((member) => {
        const known = before.get(member.id);
        if (known) known.member = member;
        return [member.id, known ?? this.#meet(member)];
      }),
    );
    for (const [id, { link }] of before) if (!this.#known.has(id)) link?.close();
    this.#tellHeld();
  }

  #meet(member: SeenMember): Known {
    const { secret, onMessage } = this.#options;
    if (member.kind === 'server') return { member, link: undefined, connected: false };
    const known: Known = {
      member,
      connected: false,
      link: new WorkerLink(member.address, secret, {
        onMessage: (message) => onMessage(message, known.member),
        onConnected: (connected) => {
          if (known.connected === connected) return;
          known.connected = connected;
          this.#tellHeld();
          if (connected) this.#options.onConnected(known.member);
        },
      }),
    };
    return known;
  }

  #tellHeld(): void {
    const all = [...this.#known.values()];
    const held = (known: readonly Known[]) => new Set(known.flatMap(({ member }) => member.held));
    this.#options.onHeld(held(all), held(all.filter(({ connected }) => connected)));
  }
}
