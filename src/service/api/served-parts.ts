import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Identity } from '../access/access.ts';
import type { Links } from '../access/links.ts';
import type { LiveMessages } from '../announcer/live-messages.ts';
import type { Cameras } from '../camera/cameras.ts';
import type { EventArchive } from '../camera/event-archive.ts';
import type { Inbox } from '../camera/inbox.ts';
import type { Rehearsals } from '../camera/rehearsals.ts';
import type { SettingsInForce } from '../config/settings-in-force.ts';
import type { FleetMember } from '../contract/fleet.ts';
import type { Health } from '../health/health.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { ActionLinks } from '../notify/action-links.ts';
import type { Notifier } from '../notify/notifier.ts';
import type { DecoderFactory, Store } from '../parts.ts';
import type { Schedule } from '../schedule/schedule.ts';

/** The part of the store that routes use: browsers that take push messages, and who did what. */
type RoutesStore = Pick<
  Store,
  | 'pushSubscriptions'
  | 'savePushSubscription'
  | 'removePushSubscription'
  | 'addDeed'
  | 'deeds'
  | 'serviceKey'
  | 'saveServiceKey'
>;

/** What is asked of cameras, wherever they live. */
export type ServedCameras = Pick<
  Cameras,
  | 'all'
  | 'status'
  | 'ids'
  | 'name'
  | 'alarm'
  | 'picture'
  | 'overlaid'
  | 'add'
  | 'change'
  | 'dropOverlay'
  | 'remove'
  | 'resume'
  | 'stop'
  | 'learn'
  | 'learnAgain'
  | 'scores'
  | 'previewBudget'
  | 'previewRegions'
  | 'oddMinutes'
  | 'likeMargin'
>;

/** The programs that share the cameras, and what only the life of a camera can answer. */
export interface ServedFleet {
  members(): FleetMember[];
  /** @returns whether there is such a worker */
  drain(id: string, draining: boolean): Promise<boolean>;
  /** Lets the worker of a camera answer. @returns whether one did */
  forward(
    camera: string,
    call: { request: FastifyRequest; reply: FastifyReply; identity: Identity },
  ): Promise<boolean>;
}

/**
 * The parts of the service that routes call. For an id that does not exist they return `undefined`,
 * which becomes a 404. They throw `UserError` for what makes no sense (400) and `SetInFile` for what
 * the configuration file holds (409).
 */
export interface ServedParts {
  readonly cameras: ServedCameras;
  /** Undefined where the service runs alone. */
  readonly fleet?: ServedFleet | undefined;
  /** Tries a source before it is added. */
  readonly sources: Pick<DecoderFactory, 'test'>;
  readonly events: EventArchive;
  readonly inbox: Inbox;
  readonly rehearsals: Rehearsals;
  readonly links: Links;
  /** Where people reach the page, ending with `/`; undefined where that is not known. */
  readonly publicAddress: () => string | undefined;
  readonly actions: ActionLinks;
  readonly notifier: Notifier;
  readonly store: RoutesStore;
  readonly settings: SettingsInForce;
  readonly health: Health;
  readonly metrics: Pick<Metrics, 'text'>;
  readonly live: LiveMessages;
  readonly schedule: Schedule;
}
