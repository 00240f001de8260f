import { setTimeout as sleep } from 'node:timers/promises';
import { UnknownCase } from '../../errors.ts';
import type { Links } from '../access/links.ts';
import type { AnomalyEvent } from '../contract/event.ts';
import type {
  ChannelTest,
  NotificationChannel,
  NotificationSettings,
} from '../contract/notification.ts';
import type { ChannelDelivery, Delivery } from '../outbox/webhook-sender.ts';
import type { EventMoment, OutboxEntry, Store } from '../parts.ts';
import type { ActionLinks } from './action-links.ts';
import { alarmText } from './alarm-text.ts';
import { sendEmail } from './channels/email.ts';
import { sendNtfy } from './channels/ntfy.ts';
import { PushSender } from './channels/push.ts';
import { sendTelegram } from './channels/telegram.ts';
import { CoolDown } from './cool-down.ts';
import { type Notification, NotTaken } from './notification.ts';
import { boxedPicture } from './picture.ts';

const HOUR = 3_600_000;

/** Milliseconds that a notification waits for the first picture of its alarm, and between two looks. */
const PICTURE_WAIT = 5000;
const PICTURE_LOOK = 200;

/** Milliseconds after which a notification helps nobody. */
const TOO_OLD = HOUR;

/** Milliseconds that a picture in a push message can be fetched. */
const PICTURE_WORKS = 24 * HOUR;

/** Notifications that are remembered; an alarm is withdrawn within seconds. */
const MOST_NOTIFIED = 200;

/** What waits in the outbox; the rest is made when it is sent. */
interface Waiting {
  readonly id: string;
  readonly moment: 'alarm' | 'clip' | 'withdrawn';
  readonly event: string;
  readonly held: number;
}

export interface NotifierOptions {
  readonly settings: () => NotificationSettings;
  /** Where people reach the page, ending with `/`. */
  readonly address: () => string | undefined;
  /** Names of the channels that receive a camera's alarms now; undefined: all. */
  readonly names: (camera: string) => readonly string[] | undefined;
  readonly store: ConstructorParameters<typeof PushSender>[0] & Pick<Store, 'event'>;
  readonly thumbnail: (event: AnomalyEvent) => Promise<Buffer | undefined>;
  readonly links: Links;
  readonly actions: ActionLinks;
  /** Whether the owner of a push subscription may see a camera. */
  readonly sees: (owner: string, camera: string) => boolean;
}

/** Tells people of alarms: what is sent, when, and by which channels. */
export class Notifier implements ChannelDelivery {
  readonly #options: NotifierOptions;
  readonly #push: PushSender;
  readonly #coolDown = new CoolDown();
  /** The latest alarms that got out, by channel and event. */
  readonly #notified = new Set<string>();

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#push = new PushSender(options.store, () => options.address() ?? 'mailto:m2s2l@localhost');
  }

  /** Channels that receive a camera's alarms: all, or those that the profile in force names. */
  channelsFor(camera: string): readonly NotificationChannel[] {
    const { channels } = this.#options.settings();
    const names = this.#options.names(camera)?.map((name) => name.toLowerCase());
    return channels.filter(({ name }) => names?.includes(name.toLowerCase()) ?? true);
  }

  /** What goes into the outbox with an event. */
  messagesOf(event: AnomalyEvent, moment: EventMoment): { url: string; body: string }[] {
    const { coolDown, clipReady } = this.#options.settings();
    switch (moment) {
      case 'start': {
        const length = 1000 * coolDown;
        const held = this.#coolDown.begin(event.camera, event.id, Date.now(), length);
        return held === undefined ? [] : this.#waiting(event, 'alarm', held);
      }
      case 'clip':
        if (!clipReady || !this.#coolDown.wasNotified(event.camera, event.id)) return [];
        return this.#waiting(event, 'clip', 0);
      case 'end':
        if (event.retracted === null || !this.#coolDown.withdraw(event.camera, event.id)) return [];
        return this.#waiting(event, 'withdrawn', 0);
      default:
        throw new UnknownCase(moment satisfies never);
    }
  }

  async deliver({ url, body, created }: OutboxEntry, signal: AbortSignal): Promise<Delivery> {
    const name = nameOf(url);
    const channel = this.#options.settings().channels.find((one) => one.name === name);
    if (!channel) return { done: false, reason: 'is no channel any more', givenUp: true };
    const waiting = JSON.parse(body) as Waiting;
    const event = this.#options.store.event(waiting.event);
    const notified = this.#notified.has(`${name} ${waiting.event}`);
    // Removed or withdrawn in the meantime; a withdrawal goes to those who were notified.
    if (!event || (event.retracted !== null && (waiting.moment !== 'withdrawn' || !notified)))
      return { done: true };
    if (Math.abs(Date.now() - created) > TOO_OLD)
      return { done: false, reason: 'waited for an hour', givenUp: true };
    try {
      await this.#send(channel, await this.#notificationOf(event, waiting, signal), event, signal);
      if (waiting.moment === 'alarm') this.#remember(`${name} ${event.id}`);
      return { done: true };
    } catch (error) {
      if (!(error instanceof NotTaken)) throw error;
      const { message, ofTheMessage } = error;
      return { done: false, reason: message, givenUp: ofTheMessage };
    }
  }

  #remember(sent: string): void {
    this.#notified.add(sent);
    if (this.#notified.size > MOST_NOTIFIED)
      this.#notified.delete(this.#notified.values().next().value!);
  }

  /** Sends a test by a channel that need not be saved. */
  async test(channel: NotificationChannel, signal: AbortSignal): Promise<ChannelTest> {
    const link = this.#options.address();
    const notification: Notification = {
      title: 'm2s2l: a test',
      text: 'Alarms will come like this one.',
      link,
      picture: undefined,
      actions: [],
      tag: 'test',
      time: Date.now(),
    };
    try {
      return { ok: true, answer: await this.#send(channel, notification, undefined, signal) };
    } catch (error) {
      if (!(error instanceof NotTaken)) throw error;
      return { ok: false, answer: error.message };
    }
  }

  #waiting(event: AnomalyEvent, moment: Waiting['moment'], held: number) {
    return this.channelsFor(event.camera).map(({ name }) => {
      const waiting: Waiting = { id: event.id, moment, event: event.id, held };
      return { url: channelUrl(name), body: JSON.stringify(waiting) };
    });
  }

  async #notificationOf(
    event: AnomalyEvent,
    { moment, held }: Waiting,
    signal: AbortSignal,
  ): Promise<Notification> {
    const address = this.#options.address();
    const picture = moment === 'withdrawn' ? undefined : await this.#pictureOf(event, signal);
    return {
      ...alarmText(event, moment, held),
      link: address && `${address}events/${event.id}`,
      picture,
      actions: address && moment === 'alarm' ? this.#options.actions.make(event.id, address) : [],
      tag: event.id,
      time: event.start,
    };
  }

  /** It is taken a second after the start. */
  async #pictureOf({ id }: AnomalyEvent, signal: AbortSignal): Promise<Buffer | undefined> {
    const { store, thumbnail } = this.#options;
    for (let waited = 0; waited <= PICTURE_WAIT; waited += PICTURE_LOOK) {
      const event = store.event(id);
      if (!event) return undefined;
      if (event.thumbnail) {
        const picture = await thumbnail(event);
        return picture && boxedPicture(picture, event);
      }
      // One that is over and has none will not have one.
      if (event.end !== null && waited > 0 && event.clipMissing !== null) return undefined;
      await sleep(PICTURE_LOOK, undefined, { signal });
    }
    return undefined;
  }

  #send(
    channel: NotificationChannel,
    notification: Notification,
    event: AnomalyEvent | undefined,
    signal: AbortSignal,
  ): Promise<string> {
    switch (channel.kind) {
      case 'push':
        return this.#sendPush(channel, notification, event, signal);
      case 'email':
        return sendEmail(channel, notification, signal);
      case 'ntfy':
        return sendNtfy(channel, notification, signal);
      case 'telegram':
        return sendTelegram(channel, notification, signal);
      default:
        throw new UnknownCase(channel satisfies never);
    }
  }

  /** Its addresses are paths of the page that subscribed, so it needs no public one. */
  #sendPush(
    channel: NotificationChannel & { readonly kind: 'push' },
    notification: Notification,
    event: AnomalyEvent | undefined,
    signal: AbortSignal,
  ): Promise<string> {
    const { links, actions, sees } = this.#options;
    const picture =
      event && notification.picture
        ? links.make('share', { picture: true }, PICTURE_WORKS, event.id).secret
        : undefined;
    const open = event?.retracted === null && notification.tag !== 'test';
    const buttons = open ? actions.make(event.id, '') : [];
    return this.#push.send(
      channel,
      notification,
      {
        path: event ? `events/${event.id}` : null,
        picture: picture ? `api/shared/${picture}/picture` : null,
        actions: buttons.map(({ action, words, post }) => ({ action, words, post })),
      },
      (owner) => !event || sees(owner, event.camera),
      signal,
    );
  }
}

const scheme = 'channel:';

/** What stands for a channel in the outbox. */
const channelUrl = (name: string): string => `${scheme}${name}`;
const nameOf = (url: string): string => url.slice(scheme.length);
