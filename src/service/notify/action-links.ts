import { z } from 'zod';
import { UnknownCase } from '../../errors.ts';
import type { Links } from '../access/links.ts';
import type { AnomalyEvent, Verdict } from '../contract/event.ts';
import { type ActionOffer, type LinkedAction, linkedAction } from '../contract/notification.ts';
import type { NotificationAction } from './notification.ts';

const HOUR = 3_600_000;

/** Milliseconds that the buttons of a notification work. */
const WORKS = 24 * HOUR;

/** Minutes that a button snoozes a camera. */
const SNOOZE_MINUTES = 60;

const words = {
  real: 'Real',
  normal: 'Normal',
  snooze: 'Snooze 1 h',
} as const satisfies Record<LinkedAction, string>;

const offers = {
  real: 'Judge this alarm real',
  normal: 'Judge this alarm normal: what is like it no longer alarms',
  snooze: 'Send nothing of this camera for an hour',
} as const satisfies Record<LinkedAction, string>;

const subject = z.object({ action: linkedAction });

export interface ActionOptions {
  readonly links: Links;
  readonly event: (id: string) => AnomalyEvent | undefined;
  readonly judge: (id: string, verdict: Verdict) => AnomalyEvent | undefined;
  /** Undefined where cameras cannot be snoozed. */
  readonly snooze: ((camera: string, minutes: number) => void) | undefined;
}

/** The buttons of notifications: links that each do one thing to one event, once. */
export class ActionLinks {
  readonly #options: ActionOptions;

  constructor(options: ActionOptions) {
    this.#options = options;
  }

  /** @param address of the page, ending with `/` */
  make(event: string, address: string): NotificationAction[] {
    const actions = linkedAction.options.filter(
      (action) => action !== 'snooze' || this.#options.snooze !== undefined,
    );
    return actions.map((action) => {
      const { secret } = this.#options.links.make('action', { action }, WORKS, event);
      return {
        action,
        words: words[action],
        page: `${address}act/${secret}`,
        post: `${address}api/actions/${secret}`,
      };
    });
  }

  /** What a link would do; undefined where it is not known, used, or has expired. */
  offer(secret: string): ActionOffer | undefined {
    return this.#offered(this.#options.links.find(secret, 'action'));
  }

  /** Does it, once. */
  act(
    secret: string,
  ): (ActionOffer & { readonly event: string; readonly camera: string }) | undefined {
    const link = this.#options.links.use(secret, 'action');
    const offer = this.#offered(link);
    const event = link?.event && this.#options.event(link.event);
    if (!offer || !event) return undefined;
    const did = { ...offer, event: event.id, camera: event.camera };
    switch (offer.action) {
      case 'real':
      case 'normal': {
        const judged = this.#options.judge(event.id, offer.action);
        return { ...did, words: judged?.effect ?? `Judged ${offer.action}` };
      }
      case 'snooze':
        this.#options.snooze?.(event.camera, SNOOZE_MINUTES);
        return { ...did, words: `Nothing of ${event.cameraName} is sent for an hour` };
      default:
        throw new UnknownCase(offer.action satisfies never);
    }
  }

  #offered(link: ReturnType<Links['find']>): ActionOffer | undefined {
    const event = link?.event && this.#options.event(link.event);
    if (!link || !event) return undefined;
    const { action } = subject.parse(link.subject);
    return { action, cameraName: event.cameraName, time: event.start, words: offers[action] };
  }
}
