import { isIP } from 'node:net';
import webPush from 'web-push';
import { UserError } from '../../../errors.ts';
import type { NotificationChannel } from '../../contract/notification.ts';
import type { Store, StoredSubscription } from '../../parts.ts';
import { sendTaken } from '../http.ts';
import { type Notification, NotTaken } from '../notification.ts';

type PushChannel = NotificationChannel & { readonly kind: 'push' };
type PushStore = Pick<
  Store,
  'pushSubscriptions' | 'removePushSubscription' | 'serviceKey' | 'saveServiceKey'
>;

/** Seconds for which a push service keeps a message for a browser that is away. */
const KEPT = 3600;

/** What the service worker is sent. */
export interface PushPayload {
  readonly title: string;
  readonly text: string;
  readonly tag: string;
  readonly time: number;
  /** Paths below the page's base: the page may be reached by several names. */
  readonly path: string | null;
  readonly picture: string | null;
  readonly actions: readonly {
    readonly action: string;
    readonly words: string;
    readonly post: string;
  }[];
}

interface Keys {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** The service's keys as a sender of push messages (VAPID), made at the first start. */
export function vapidKeys(store: Pick<Store, 'serviceKey' | 'saveServiceKey'>): Keys {
  const kept = store.serviceKey('vapid');
  if (kept !== undefined) return JSON.parse(kept) as Keys;
  const made = webPush.generateVAPIDKeys();
  store.saveServiceKey('vapid', JSON.stringify(made));
  return made;
}

/**
 * Refuses what is no push service: they have names and speak HTTPS. A page could make this machine
 * call others otherwise.
 * @throws UserError
 */
export function requirePushService(endpoint: string): void {
  const { protocol, hostname } = new URL(endpoint);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (protocol !== 'https:' || isIP(host) !== 0 || !host.includes('.') || host.endsWith('.local'))
    throw new UserError('endpoint: is no address of a push service');
}

/** Sends to each browser of a channel. Those that are gone are forgotten. */
export class PushSender {
  readonly #store: PushStore;
  readonly #contact: () => string;

  /** @param contact address of the page, else one that means nobody */
  constructor(store: PushStore, contact: () => string) {
    this.#store = store;
    this.#contact = contact;
  }

  /** @param mayReceive whether an owner of a subscription may see it. @returns how many received it. @throws NotTaken if none did */
  async send(
    channel: PushChannel,
    notification: Notification,
    paths: Pick<PushPayload, 'path' | 'picture' | 'actions'>,
    mayReceive: (owner: string) => boolean,
    signal: AbortSignal,
  ): Promise<string> {
    const browsers = this.#store
      .pushSubscriptions(channel.name)
      .filter(({ owner }) => mayReceive(owner));
    if (browsers.length === 0) return 'no browser has subscribed';
    const { title, text, tag, time } = notification;
    const payload: PushPayload = { title, text, tag, time, ...paths };
    const answers = await Promise.allSettled(
      browsers.map((browser) => this.#sendTo(browser, channel, payload, signal)),
    );
    const failed = answers.filter((one) => one.status === 'rejected');
    const taken = answers.length - failed.length;
    if (taken === 0) throw failed[0]!.reason;
    const missed = failed.length > 0 ? `; ${failed.length} not: ${failed[0]!.reason.message}` : '';
    return `${taken} of ${answers.length} browsers reached${missed}`;
  }

  async #sendTo(
    browser: StoredSubscription,
    { contact }: PushChannel,
    payload: PushPayload,
    signal: AbortSignal,
  ): Promise<void> {
    const { endpoint, keys } = browser;
    const subject = contact === undefined ? this.#contact() : `mailto:${contact}`;
    const { method, headers, body } = webPush.generateRequestDetails(
      { endpoint, keys },
      JSON.stringify(payload),
      { vapidDetails: { subject, ...vapidKeys(this.#store) }, TTL: KEPT, urgency: 'high' },
    );
    const texts = Object.entries(headers).map(([name, value]) => [name, String(value)]);
    try {
      await sendTaken(
        endpoint,
        { method: method as 'POST', headers: Object.fromEntries(texts), body: body! },
        signal,
      );
    } catch (error) {
      // Gone for good: the browser unsubscribed.
      if (error instanceof NotTaken && /^answered (404|410)\b/.test(error.message))
        this.#store.removePushSubscription(browser.id);
      throw error;
    }
  }
}
