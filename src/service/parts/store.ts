import type { KeeperState } from '../../scoring/budget/keeper.ts';
import type { RememberedEvent, Signature } from '../../scoring/budget/verdict-memory.ts';
import type { LightName } from '../../scoring/light/clusters.ts';
import type { PlaceMap } from '../../scoring/regions/place-map.ts';
import type {
  CameraOverlay,
  CameraSettings,
  LearningSettings,
  OddMinute,
  ThresholdInForce,
} from '../contract/camera.ts';
import type {
  AnomalyEvent,
  EventFilter,
  EventKind,
  EventPage,
  Verdict,
} from '../contract/event.ts';
import type { DayCounts, InboxAnswer } from '../contract/inbox.ts';
import type { Deed, Person } from '../contract/people.ts';
import type { AccessToken, Role, ServiceSettings } from '../contract/settings.ts';
import type { RecordedFile, Span } from './decoder.ts';
import type { ScoredStretch } from './learner.ts';

/** A camera as it is stored: the life below what is seen. */
export interface StoredCamera {
  readonly id: string;
  readonly settings: CameraSettings;
  readonly life: 'learning' | 'calibrating' | 'watching' | 'stopped';
  /** What `stopped` goes back to. */
  readonly resumed: 'learning' | 'calibrating' | 'watching';
  /** The model in use, and the threshold with it. */
  readonly model: string | null;
  readonly threshold: ThresholdInForce | null;
  /** What is being learned: how, the folder that is being made, and since when it is footage of it. */
  readonly learning: {
    readonly settings: LearningSettings;
    readonly out: string;
    readonly begun: number;
    /** When its footage was collected, once that is done. */
    readonly span?: Span | undefined;
  } | null;
  /** The last learning that came to its end. */
  readonly learned?: LastLearning | null;
  readonly created: number;
  /** What the page changed of a camera that the configuration file has. */
  readonly overlay?: CameraOverlay | null;
}

/** A learning that is done, whose footage may be learned again. */
export interface LastLearning {
  readonly settings: LearningSettings;
  /** When its footage was collected; null where that was a file. */
  readonly span: Span | null;
  /** Of that footage. */
  readonly seconds: number;
}

/** An event as it is written; what its files are is written when they are there. */
export type NewEvent = Omit<
  AnomalyEvent,
  | 'cameraName'
  | 'thumbnail'
  | 'clip'
  | 'clipMissing'
  | 'verdict'
  | 'kept'
  | 'note'
  | 'effect'
  | 'retracted'
> & {
  /** What it looked like and how it moved: what a verdict on it is remembered by. */
  readonly signatures: readonly Signature[];
};

/** What of an event changes after it was added. */
export type EventChange = Partial<
  Pick<
    AnomalyEvent,
    | 'end'
    | 'peak'
    | 'cause'
    | 'timeScale'
    | 'regions'
    | 'zone'
    | 'thumbnail'
    | 'clip'
    | 'clipMissing'
    | 'verdict'
    | 'kept'
    | 'note'
    | 'effect'
    | 'retracted'
  >
> & { readonly signatures?: readonly Signature[] };

/** What keeps a camera's alarms within its budget, as it is stored. */
export interface StoredKeeper {
  /** The model that its scores are of. */
  readonly model: string;
  /** When that came into use; 0 where it is not known. */
  readonly since: number;
  readonly keeper: KeeperState;
  readonly memory: readonly RememberedEvent[];
  /** Events and odd minutes judged since then: the next learning takes them into account. */
  readonly waiting: readonly string[];
  /** Of these, what the latest learning took, and the events that its footage shows as normal. */
  readonly taken?:
    | { readonly verdicts: readonly string[]; readonly normal: readonly string[] }
    | undefined;
  /** What its scores leave out, by the key of the regions then in force. */
  readonly regions?: string;
  /** The same of the regions that the model was learned with; nothing where it is not known. */
  readonly learnedWith?: string;
}

/** Events of a filter, and of the cameras that the asker may see; null: all. */
export type SeenEvents = EventFilter & { readonly seen?: readonly string[] | null };

/** A link that lets in without a token: to one event, to one deed, or to sign in. */
export interface StoredLink {
  readonly id: string;
  readonly purpose: 'share' | 'action' | 'sign in';
  /** The event that it is of; it goes with it. */
  readonly event: string | null;
  /** What it lets do; plain JSON. */
  readonly subject: unknown;
  readonly created: number;
  readonly expires: number;
}

/** A browser that takes push messages. */
export interface StoredSubscription {
  readonly id: string;
  readonly channel: string;
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
  readonly device: string;
  /** Who subscribed it. */
  readonly owner: string;
  readonly created: number;
}

/** When people and programs receive an event. */
export type EventMoment = 'start' | 'end' | 'clip';

/** Who opened a session: the hash of a token, or the id of a person. */
export type SessionOwner =
  | { readonly token: string; readonly person: null }
  | { readonly token: null; readonly person: string };

export type StoredSession = SessionOwner & {
  /** SHA-256 of its cookie. */
  readonly hash: string;
  readonly created: number;
  readonly ends: number;
};

/** A message that must get out at least once. */
export interface OutboxEntry {
  readonly id: string;
  readonly url: string;
  readonly body: string;
  readonly attempts: number;
  readonly due: number;
  readonly created: number;
}

/** What a server did that the worker of the camera must take up. */
export interface WorkerOrder {
  readonly number: number;
  readonly camera: string;
  readonly kind: 'judged' | 'odd minute judged' | 'dismissed';
  /** Id of the event or the odd minute. */
  readonly subject: string;
}

/** What a person chose for a while. */
export interface ScheduleStore {
  /** Cameras whose alarms are not sent, and until when. */
  snoozes(): Map<string, number>;
  /** @param until null: it is over */
  saveSnooze(camera: string, until: number | null): void;
  /** The profile that a person chose; null: none is in force, undefined: it is left to the clock. */
  chosenProfile(): string | null | undefined;
  chooseProfile(name: string | null | undefined): void;
}

/**
 * What the service keeps: each call is durable when it returns.
 * @throws StoreFull where the disk is full, StoreDamaged where the database is damaged, StoreUnreachable
 *   where it does not answer, LeaseLost where another worker has the camera; nothing is half-written then
 */
export interface Store {
  cameras(): StoredCamera[];
  saveCamera(camera: StoredCamera): void;
  removeCamera(id: string): void;

  /** Adds an event with the messages that announce it, in one transaction. */
  addEvent(
    event: NewEvent,
    outbox: readonly { readonly url: string; readonly body: string }[],
  ): void;
  updateEvent(
    id: string,
    change: EventChange,
    outbox?: readonly { readonly url: string; readonly body: string }[],
  ): AnomalyEvent | undefined;
  event(id: string): AnomalyEvent | undefined;
  events(filter: SeenEvents): EventPage;
  /** Events that were under way when the service ended. */
  openEvents(): AnomalyEvent[];
  /** Of one camera that overlap a span, the first first. */
  eventsBetween(camera: string, from: number, to: number, kind?: EventKind): AnomalyEvent[];
  removeEvent(id: string): boolean;
  /** Events of each camera that nobody has judged, without those that were taken back. */
  eventsToJudge(): InboxAnswer['toJudge'];
  /** Events between each of these times and the next. */
  eventDays(
    starts: readonly number[],
    camera: string | undefined,
    seen: readonly string[] | null,
  ): DayCounts[];
  /** Of an event. */
  signatures(id: string): readonly Signature[];

  /** @param light of which model, where the camera has one for each */
  keeper(camera: string, light?: LightName): StoredKeeper | undefined;
  saveKeeper(camera: string, keeper: StoredKeeper, light?: LightName): void;

  /** Adds the highest score of each second; NaN where there was none. */
  addScores(camera: string, stretch: ScoredStretch): void;
  /** @param light of one model alone */
  scores(camera: string, from: number, to: number, light?: LightName): ScoredStretch[];
  /** Puts scores in the place of those that are there. */
  replaceScores(camera: string, stretches: readonly ScoredStretch[]): void;
  /** With the place maps. */
  removeScores(camera: string, before: number): void;
  addPlaceMap(camera: string, map: PlaceMap, light?: LightName): void;
  placeMaps(camera: string, from: number, to: number, light?: LightName): PlaceMap[];
  removePlaceMaps(camera: string, before: number): void;

  readonly schedule: ScheduleStore;

  addFootage(camera: string, file: RecordedFile): void;
  footage(camera: string): RecordedFile[];
  /** Of the files that lie within a span. */
  footageSeconds(camera: string, span: Span): number;
  removeFootage(path: string): void;

  addOddMinutes(odd: readonly OddMinute[]): void;
  oddMinutes(camera: string): OddMinute[];
  judgeOddMinute(id: string, verdict: Verdict): OddMinute | undefined;

  /** Puts messages into the outbox that belong to no event. */
  addMessages(messages: readonly { readonly url: string; readonly body: string }[]): void;
  outbox(due: number, limit: number): OutboxEntry[];
  outboxState(): {
    readonly waiting: number;
    readonly oldest: number | null;
    readonly lastError: string | null;
  };
  outboxDone(id: string): void;
  outboxFailed(id: string, error: string, due: number): void;

  /** @param hash SHA-256 of the link's secret */
  addLink(link: StoredLink, hash: string): void;
  linkByHash(hash: string): StoredLink | undefined;
  linksOf(event: string, purpose: StoredLink['purpose']): StoredLink[];
  /** @returns whether it was there */
  removeLink(id: string): boolean;

  /** Of a channel, or of all. */
  pushSubscriptions(channel?: string): StoredSubscription[];
  savePushSubscription(subscription: StoredSubscription): void;
  removePushSubscription(id: string): boolean;

  /** A key of the service itself. */
  serviceKey(name: string): string | undefined;
  saveServiceKey(name: string, value: string): void;

  settings(): ServiceSettings;
  saveSettings(settings: ServiceSettings): void;

  people(): Person[];
  /** With the hash of their password, where they have one. */
  personByName(
    name: string,
  ): { readonly person: Person; readonly password: string | null } | undefined;
  person(id: string): Person | undefined;
  /** @param password its hash, null for none, undefined where it stays */
  savePerson(person: Person, password?: string | null): void;
  personUsed(id: string, time: number): void;
  removePerson(id: string): boolean;

  session(hash: string): StoredSession | undefined;
  addSession(session: StoredSession): void;
  removeSession(hash: string): void;
  /** Who has sessions, and how many. */
  sessionCounts(): { readonly owner: SessionOwner; readonly count: number }[];
  /** Ends all but the latest of one. */
  endOldestSessions(owner: SessionOwner, most: number): void;

  addDeed(deed: Deed): void;
  /** The latest first. */
  deeds(filter: { readonly event?: string | undefined; readonly limit: number }): Deed[];

  tokens(): AccessToken[];
  /** @param hash SHA-256 of the token */
  addToken(token: AccessToken, hash: string): void;
  tokenByHash(hash: string):
    | {
        readonly id: string;
        readonly name: string;
        readonly role: Role;
        readonly cameras?: readonly string[] | null | undefined;
      }
    | undefined;
  tokenUsed(id: string, time: number): void;
  removeToken(id: string): boolean;

  close(): void;
}

/** What was to be stored is not, for a reason that may pass. */
export class CannotStore extends Error {
  override readonly name: string = 'CannotStore';
}

/** The disk is full. */
export class StoreFull extends CannotStore {
  override readonly name = 'StoreFull';
}

/** The database is damaged, or its file is gone: nothing is stored until the service starts with a good copy. */
export class StoreDamaged extends CannotStore {
  override readonly name = 'StoreDamaged';
}

/** The database does not answer; it is tried again by itself. */
export class StoreUnreachable extends CannotStore {
  override readonly name = 'StoreUnreachable';
}

/** Another worker has the camera by now: what is known of it here is old. */
export class LeaseLost extends CannotStore {
  override readonly name = 'LeaseLost';
}
