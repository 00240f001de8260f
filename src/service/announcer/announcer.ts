import type { CameraStatus } from '../contract/camera.ts';
import type { AnomalyEvent } from '../contract/event.ts';
import type { LiveScore } from '../contract/live.ts';
import type { ProfileStatus } from '../contract/profile.ts';
import type { ServiceSettings } from '../contract/settings.ts';
import { ifRoom } from '../disk/if-room.ts';
import type { ConfiguredMqtt } from '../mqtt/configured-mqtt.ts';
import { webhookMessages } from '../outbox/message.ts';
import type { SentStates } from '../outbox/sent-states.ts';
import type { WebhookSender } from '../outbox/webhook-sender.ts';
import type { EventMoment, Store } from '../parts.ts';
import type { LiveMessages } from './live-messages.ts';
import { NamedWebhooks } from './named-webhooks.ts';
import { Notices } from './notices.ts';

/** Milliseconds for which changes of a camera are gathered: it changes in several steps. */
const GATHER = 250;

/** Seconds after which a camera is announced again, for its counts. */
const COUNTS_EVERY = 5;

type OutboxMessages = Parameters<Store['addEvent']>[1];

/** What the announcer asks for when it has something to announce. */
export interface AnnouncerSources {
  cameraIds(): readonly string[];
  camera(id: string): CameraStatus | undefined;
  /** Whether an alarm is under way at a camera. */
  alarm(id: string): boolean;
  webhooks(): ServiceSettings['webhooks'];
  /** Names of the channels that the profile in force gives a camera's alarms; undefined: all. */
  channels(camera: string): readonly string[] | undefined;
  profile(): ProfileStatus;
  /** Notifications of alarms to people. */
  notifications(event: AnomalyEvent, moment: EventMoment): OutboxMessages;
  /** The JPEG of an event; undefined where it cannot be read. */
  thumbnail(event: AnomalyEvent): Promise<Buffer | undefined>;
}

/** The receivers of announcements. */
export interface Audience {
  readonly page: LiveMessages;
  readonly mqtt: Pick<
    ConfiguredMqtt,
    'camera' | 'removeCamera' | 'alarm' | 'score' | 'event' | 'picture' | 'profile'
  >;
  readonly outbox: Pick<Store, 'addMessages'>;
  readonly webhooks: Pick<WebhookSender, 'wake'>;
  /** What the webhooks know of the cameras' states. */
  readonly states: Pick<SentStates, 'send' | 'forget'>;
  readonly log: { warn(fields: object, line: string): void };
}

/**
 * Decides what is sent to whom. The page receives everything; MQTT everything but near misses
 * and alarms on trial; webhooks the alarms and the cameras' changes of state that they asked for.
 */
export class Announcer {
  readonly notices: Notices;
  readonly #sources: AnnouncerSources;
  readonly #audience: Audience;
  readonly #changed = new Set<string>();
  readonly #named = new NamedWebhooks();
  #gathering: NodeJS.Timeout | undefined;
  #seconds = 0;

  constructor(sources: AnnouncerSources, audience: Audience) {
    this.#sources = sources;
    this.#audience = audience;
    this.notices = new Notices((lines) => {
      if (lines.length > 0) audience.log.warn({ notices: lines }, 'notices');
      audience.page.publish({ name: 'notices', data: [...lines] });
    });
  }

  /** Messages that are stored together with a new or changed event. */
  messagesOf(event: AnomalyEvent, moment: EventMoment): OutboxMessages {
    if (event.kind !== 'alarm' || event.shadow) return [];
    const toPeople = this.#sources.notifications(event, moment);
    if (moment === 'clip') return toPeople;
    const message = { kind: 'alarm', event } as const;
    const channels = this.#sources.channels(event.camera);
    const webhooks = this.#named.of(this.#sources.webhooks(), event, channels);
    return [...webhookMessages(webhooks, message, Date.now()), ...toPeople];
  }

  /** An event that open pages may have missed. */
  shown(event: AnomalyEvent): void {
    this.#audience.page.publish({ name: 'event', data: event });
  }

  /** An event is stored, or a change of it. */
  event(event: AnomalyEvent): void {
    this.shown(event);
    if (event.kind === 'alarm' && !event.shadow) {
      this.#audience.mqtt.event(event);
      if (event.thumbnail) void this.#picture(event);
    }
    this.#audience.webhooks.wake();
  }

  eventRemoved(id: string): void {
    this.#audience.page.publish({ name: 'event removed', data: { id } });
  }

  score(score: LiveScore): void {
    this.#audience.page.publish({ name: 'score', data: score });
    this.#audience.mqtt.score(score);
  }

  cameraChanged(id: string): void {
    this.#changed.add(id);
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      for (const changed of this.#changed) this.#camera(changed);
      this.#changed.clear();
    }, GATHER);
  }

  cameraRemoved(camera: { readonly id: string; readonly name: string }): void {
    const message = { kind: 'camera removed', camera } as const;
    const messages = webhookMessages(this.#sources.webhooks(), message, Date.now());
    // Not kept in memory while the disk is full: the API answers the same at any time.
    ifRoom(() => this.#audience.outbox.addMessages(messages));
    this.#audience.webhooks.wake();
    this.cameraGone(camera.id);
  }

  /** A camera was removed, and programs were told of it. */
  cameraGone(id: string): void {
    this.#audience.states.forget(id);
    this.#audience.page.publish({ name: 'camera removed', data: { id } });
    this.#audience.mqtt.removeCamera(id);
  }

  /** Another profile is in force, or there are others. */
  profileChanged(): void {
    const profile = this.#sources.profile();
    this.#audience.page.publish({ name: 'profile', data: profile });
    this.#audience.mqtt.profile(profile);
  }

  /** Announces every camera and the profile, as to a broker that knows none yet. */
  all(): void {
    this.#audience.mqtt.profile(this.#sources.profile());
    this.allCameras();
  }

  allCameras(): void {
    for (const id of this.#sources.cameraIds()) this.cameraChanged(id);
  }

  /** Called once a second. */
  tick(): void {
    this.#seconds += 1;
    if (this.#seconds % COUNTS_EVERY === 0) this.allCameras();
  }

  stop(): void {
    clearTimeout(this.#gathering);
  }

  #camera(id: string): void {
    const status = this.#sources.camera(id);
    if (!status) return;
    this.#audience.page.publish({ name: 'camera', data: status });
    this.#audience.mqtt.camera(status);
    this.#audience.mqtt.alarm(id, this.#sources.alarm(id));
    const message = { kind: 'camera', camera: status } as const;
    const messages = () => webhookMessages(this.#sources.webhooks(), message, Date.now());
    if (this.#audience.states.send(status, messages)) this.#audience.webhooks.wake();
  }

  async #picture(event: AnomalyEvent): Promise<void> {
    const jpeg = await this.#sources.thumbnail(event);
    if (jpeg) this.#audience.mqtt.picture(event, jpeg);
  }
}
