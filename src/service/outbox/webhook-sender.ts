import { growingWait } from '../../backoff.ts';
import { UnknownCase } from '../../errors.ts';
import { ifRoom } from '../disk/if-room.ts';
import type { OutboxEntry, Store } from '../parts.ts';
import { shownHost } from '../secrets/address.ts';
import { post } from './post.ts';
import { formerHeaders, type Signed, standardHeaders } from './signature.ts';

export interface WebhookOptions {
  /** Milliseconds for the whole of an attempt; default 10,000. */
  readonly timeout?: number;
  /** Milliseconds after the first failure, doubled with each further one; default 1000. */
  readonly firstWait?: number;
  /** The longest of these waits; default 600,000. */
  readonly longestWait?: number;
  /** Age in milliseconds after which a message is given up; default a day. */
  readonly giveUpAfter?: number;
  /** Attempts of a message, or in a row of its address, before it is given up, however old it is; default 10. */
  readonly leastAttempts?: number;
  /** Attempts under way at once, one for each address at most; default 4. */
  readonly concurrency?: number;
  /** Milliseconds between two looks at what is due; default 1000. */
  readonly look?: number;
}

export interface WebhookListener {
  /** A message will not be delivered: why, in one line. */
  onGivenUp(reason: string): void;
}

/** Whether a notification got out, else why not and whether to try again. */
export type Delivery =
  | { readonly done: true }
  | { readonly done: false; readonly reason: string; readonly givenUp: boolean };

/** Delivers what is for people, and no webhook. */
export interface ChannelDelivery {
  deliver(entry: OutboxEntry, signal: AbortSignal): Promise<Delivery>;
}

type Outbox = Pick<Store, 'outbox' | 'outboxDone' | 'outboxFailed' | 'settings'>;

/**
 * Delivers the outbox: each message at least once, in their order where an address takes them. An address that
 * fails is left alone for a growing, jittered time, and hinders no other.
 */
export class WebhookSender {
  readonly #outbox: Outbox;
  readonly #listener: WebhookListener;
  readonly #channels: ChannelDelivery | undefined;
  readonly #options: Required<WebhookOptions>;
  readonly #underway = new Map<string, Promise<void>>();
  /** Addresses that failed last: how often in a row, when, and until when they are left alone. */
  readonly #failing = new Map<
    string,
    { readonly times: number; readonly last: number; readonly until: number }
  >();
  /** What was delivered or given up, but could not be removed because the disk was full. */
  readonly #finished = new Set<string>();
  #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  /** @param channels for addresses that are no webhooks */
  constructor(
    outbox: Outbox,
    listener: WebhookListener,
    options: WebhookOptions = {},
    channels?: ChannelDelivery,
  ) {
    this.#channels = channels;
    this.#outbox = outbox;
    this.#listener = listener;
    this.#options = {
      timeout: 10_000,
      firstWait: 1000,
      longestWait: 600_000,
      giveUpAfter: 24 * 3_600_000,
      leastAttempts: 10,
      concurrency: 4,
      look: 1000,
      ...options,
    };
  }

  start(): void {
    this.#stopping = new AbortController();
    this.#timer = setInterval(() => this.wake(), this.#options.look);
    this.wake();
  }

  /** Breaks off what is under way; it is attempted again after the next start. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await Promise.all(this.#underway.values());
  }

  /** Looks at once: something was put into the outbox. */
  wake(): void {
    const now = Date.now();
    // All addresses are among as many, since each has its first before any has its second.
    for (const entry of this.#outbox.outbox(now, 100)) {
      if (this.#stopping.signal.aborted || this.#underway.size >= this.#options.concurrency) return;
      if (this.#finished.has(entry.id)) this.#finish(entry.id);
      else if (!this.#underway.has(entry.url) && !this.#leftAlone(entry.url, now))
        this.#underway.set(entry.url, this.#attempt(entry));
    }
  }

  /** Bounded, since the clock may have been set back since it failed. */
  #leftAlone(url: string, now: number): boolean {
    const failing = this.#failing.get(url);
    return failing !== undefined && failing.last <= now && now < failing.until;
  }

  async #attempt(entry: OutboxEntry): Promise<void> {
    const { signal } = this.#stopping;
    await this.#deliver(entry, signal);
    this.#underway.delete(entry.url);
    if (!signal.aborted) setImmediate(() => this.wake());
  }

  async #deliver(entry: OutboxEntry, signal: AbortSignal): Promise<void> {
    const { timeout } = this.#options;
    if (isChannel(entry) && this.#channels) {
      await this.#deliverByChannel(this.#channels, entry, signal);
      return;
    }
    const webhook = this.#outbox.settings().webhooks.find(({ url }) => url === entry.url);
    if (webhook === undefined) {
      this.#giveUp(entry, 'is no longer a webhook');
      return;
    }
    try {
      const status = await post(
        entry.url,
        entry.body,
        {
          'content-type': 'application/json',
          'user-agent': 'm2s2l',
          ...headersOf(webhook, {
            id: JSON.parse(entry.body).id,
            seconds: Math.floor(Date.now() / 1000),
            body: entry.body,
          }),
        },
        AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      );
      if (status >= 200 && status < 300) this.#delivered(entry);
      else this.#failed(entry, `answered ${status}`, isOfTheMessage(status));
    } catch (error) {
      if (!signal.aborted) this.#failed(entry, reasonOf(error, timeout), false);
    }
  }

  async #deliverByChannel(
    channels: ChannelDelivery,
    entry: OutboxEntry,
    signal: AbortSignal,
  ): Promise<void> {
    // Twice the time: it may wait for its picture first.
    const both = AbortSignal.any([signal, AbortSignal.timeout(2 * this.#options.timeout)]);
    try {
      const delivery = await channels.deliver(entry, both);
      if (delivery.done) this.#delivered(entry);
      else if (delivery.givenUp) this.#giveUp(entry, delivery.reason);
      else this.#failed(entry, delivery.reason, false);
    } catch (error) {
      if (!signal.aborted) this.#failed(entry, (error as Error).message, false);
    }
  }

  #delivered(entry: OutboxEntry): void {
    this.#failing.delete(entry.url);
    this.#finish(entry.id);
  }

  #failed(entry: OutboxEntry, reason: string, ofTheMessage: boolean): void {
    const { firstWait, longestWait, giveUpAfter, leastAttempts } = this.#options;
    const now = Date.now();
    const ofAddress = ofTheMessage ? 0 : (this.#failing.get(entry.url)?.times ?? 0) + 1;
    const times = Math.max(ofAddress, entry.attempts + 1);
    const givenUp = times >= leastAttempts && now - entry.created >= giveUpAfter;
    const due = now + growingWait(firstWait, longestWait, times - 1);
    // Of an address that is dead for good all that is old goes at once, or ever more would wait.
    if (!ofTheMessage)
      this.#failing.set(entry.url, { times, last: now, until: givenUp ? now : due });
    if (givenUp) this.#giveUp(entry, reason);
    else ifRoom(() => this.#outbox.outboxFailed(entry.id, failureOf(entry, reason), due));
  }

  #giveUp(entry: OutboxEntry, reason: string): void {
    this.#finish(entry.id);
    this.#listener.onGivenUp(`${failureOf(entry, reason)}; a message to it was given up`);
  }

  #finish(id: string): void {
    this.#finished.add(id);
    // On a full disk the message stays as it was, which is what at least once allows.
    ifRoom(() => {
      this.#outbox.outboxDone(id);
      this.#finished.delete(id);
    });
  }
}

const isChannel = ({ url }: OutboxEntry): boolean => url.startsWith('channel:');

type Webhook = ReturnType<Outbox['settings']>['webhooks'][number];

function headersOf({ secret, signature = 'both' }: Webhook, signed: Signed) {
  switch (signature) {
    case 'standard':
      return standardHeaders(secret, signed);
    case 'both':
      return { ...standardHeaders(secret, signed), ...formerHeaders(secret, signed) };
    default:
      throw new UnknownCase(signature satisfies never);
  }
}

/** Whether an answer is about this message, so that the next may do better. */
function isOfTheMessage(status: number): boolean {
  return status >= 400 && status < 500 && ![401, 403, 404, 408, 410, 429].includes(status);
}

function reasonOf(error: unknown, timeout: number): string {
  const { name, message, code } = error as NodeJS.ErrnoException;
  if (name === 'AbortError') return `gave no answer within ${timeout / 1000} s`;
  return `could not be reached (${code ?? message})`;
}

/** Without the path and the password of the address, which may be secret. */
function failureOf(entry: OutboxEntry, reason: string): string {
  const { url } = entry;
  if (isChannel(entry)) return `${url.replace(':', ' ')}: ${reason}`;
  return `webhook ${shownHost(url)}: ${reason}`;
}
